/**
 * Writes what a user asked for into a file, as root and in folders of others. A regular file appears whole or not at
 * all: it is written beside under a random name that nobody can have laid before, then renamed. What is no regular file
 * (a device, a FIFO, an open file such as /dev/stderr) is written to and stays what it is.
 */
import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { InputError } from '../input-error.ts'

/** How long a FIFO may be without a reader. */
const READER_MS = 5000
const WRITE_BITS_OF_OTHERS = 0o002
const STICKY = 0o1000
/** Reports name addresses and accounts of a network: a new file is its user's alone. */
const PRIVATE = 0o600

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the quota is used up',
  EACCES: 'not permitted',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'no such folder',
  ENOTDIR: 'no such folder',
  EISDIR: 'it is a folder',
  ELOOP: 'a loop of symbolic links',
  ENXIO: 'nobody reads from it',
}

/** Why writing failed, in words, with the system's code. */
export function writeProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined) return message
  return WORDS[code] === undefined ? code : `${WORDS[code]} (${code})`
}

async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * In a folder where everybody may put something, such as /tmp, an entry of another user is a trap: as the kernel does
 * with fs.protected_symlinks, protected_fifos and protected_regular, it is trusted only from ourselves or the folder's owner.
 */
async function refuseTrap(path: string, entry: Stats): Promise<void> {
  const folder = await stat(dirname(path))
  const isShared = (folder.mode & WRITE_BITS_OF_OTHERS) !== 0 && (folder.mode & STICKY) !== 0
  const isOurs = entry.uid === process.getuid?.() || entry.uid === folder.uid
  if (isShared && !isOurs) throw new Error('it belongs to another user, in a folder that all may write to')
}

/** A link leads only where its owner could write without us: root must not overwrite a file because a user points there. */
function refuseForeignLink(link: Stats, behind: Stats): void {
  const trusted = [process.getuid?.(), 0, behind.uid]
  if (!trusted.includes(link.uid))
    throw new Error("it is a symbolic link of a user to a file that is not that user's")
}

/** True when a chain of symbolic links ends in an open file of a process: /dev/stdout, /dev/fd/3. */
async function isOpenFile(path: string): Promise<boolean> {
  let at = path
  for (let step = 0; step < 8; step++) {
    if (/^\/(proc\/(self|\d+)|dev)\/fd\/\d+$/.test(at)) return true
    const target = await readlink(at).catch(() => undefined)
    if (target === undefined) return false
    at = resolve(dirname(at), target)
  }
  return false
}

async function openWhereRead(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_NONBLOCK, O_APPEND, O_NOCTTY } = constants
  const until = Date.now() + READER_MS
  for (;;) {
    try {
      return await open(path, O_WRONLY | O_NONBLOCK | O_APPEND | O_NOCTTY)
    } catch (error) {
      // Nobody has a FIFO open for reading yet: its reader may just be starting.
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO' || Date.now() > until) throw error
      await new Promise((done) => setTimeout(done, 20))
    }
  }
}

/** Writes all of it, waiting while a pipe is full. */
async function writeThrough(path: string, content: string | Uint8Array): Promise<void> {
  const file = await openWhereRead(path)
  try {
    let left = typeof content === 'string' ? Buffer.from(content) : content
    let until = Date.now() + READER_MS
    while (left.length > 0) {
      try {
        const { bytesWritten } = await file.write(left)
        left = left.subarray(bytesWritten)
        until = Date.now() + READER_MS
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || Date.now() > until) throw error
        await new Promise((done) => setTimeout(done, 5))
      }
    }
  } finally {
    await file.close()
  }
}

/** What the name of a file that is still being written begins with: a name may have 255 octets, a letter up to three. */
const startBeside = (target: string): string => `.${basename(target).slice(0, 60)}.`
const RANDOM_BYTES = 9
const RANDOM = /^[0-9a-f]{18}$/
/** Each octet that comes sets the time of the file anew: nobody still writes to it. */
const LEFT_AFTER_MS = 3_600_000

/** Removes what a run that was killed left there while it wrote the same file, and nothing of others. */
async function sweepBeside(target: string, before: Stats | undefined): Promise<void> {
  const [folder, start, owners] = [dirname(target), startBeside(target), [process.getuid?.(), before?.uid]]
  for (const name of await readdir(folder)) {
    if (!name.startsWith(start) || !RANDOM.test(name.slice(start.length))) continue
    const path = join(folder, name)
    const entry = await lstat(path)
    const isOld = Date.now() - entry.mtimeMs > LEFT_AFTER_MS
    if (entry.isFile() && isOld && owners.includes(entry.uid)) await rm(path, { force: true })
  }
}

async function replaceWhole(
  target: string,
  content: string | Uint8Array,
  before: Stats | undefined,
): Promise<void> {
  await sweepBeside(target, before).catch(() => {}) // what cannot be looked at or removed is in nobody's way
  const random = randomBytes(RANDOM_BYTES).toString('hex')
  const temporary = join(dirname(target), `${startBeside(target)}${random}`)
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const file = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, PRIVATE)
  try {
    try {
      await file.writeFile(content)
      if (before !== undefined) await keepOwner(file, before)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** A file that is replaced keeps its mode and, where we may give it away, its owner. */
async function keepOwner(file: FileHandle, { mode, uid, gid }: Stats): Promise<void> {
  if (process.getuid?.() === 0) await file.chown(uid, gid)
  await file.chmod(mode & 0o777)
}

async function write(path: string, content: string | Uint8Array): Promise<void> {
  const entry = await orUndefined(lstat(path))
  if (entry === undefined) return replaceWhole(path, content, undefined)
  if (await isOpenFile(path)) return writeThrough(path, content)
  await refuseTrap(path, entry)
  const behind = await orUndefined(stat(path))
  if (behind === undefined) throw new Error('it is a symbolic link to nothing')
  if (behind.isDirectory()) throw new Error('it is a folder')
  if (entry.isSymbolicLink()) refuseForeignLink(entry, behind)
  if (!behind.isFile()) return writeThrough(path, content)
  const target = await realpath(path)
  await refuseTrap(target, behind)
  return replaceWhole(target, content, behind)
}

/** Writes `content` to `path`. Throws InputError that says why it could not; then nothing new is left behind. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await write(resolve(path), content)
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${writeProblem(error)}`)
  }
}
