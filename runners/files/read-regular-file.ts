/**
 * Reads files whose names or contents came from somebody else. Only regular files are opened, never what a FIFO or a
 * device would make us wait for or read forever, and only up to a size.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, type Stats, statSync } from 'node:fs'

/** 64 MiB: no section of a host and no inventory is larger. */
export const MOST_FILE_BYTES = 64 * 1024 * 1024

/** A file that cannot be read; the message says why, without the file's name. */
export class FileProblem extends Error {
  /** The system's code, such as ENOENT; empty where the file is refused by us. */
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.name = 'FileProblem'
    this.code = code
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'not permitted to read it',
  EPERM: 'not permitted to read it',
  EISDIR: 'is a directory',
  ELOOP: 'is a symbolic link',
  ENAMETOOLONG: 'its name is too long',
}

/** What an entry of a file system is, in a word or two. */
export function kindOf(stats: Pick<Stats, 'isFIFO' | 'isDirectory' | 'isSocket' | 'isSymbolicLink'>): string {
  if (stats.isDirectory()) return 'a folder'
  if (stats.isSymbolicLink()) return 'a symbolic link'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}

export interface ReadLimits {
  /** Default MOST_FILE_BYTES. */
  readonly mostBytes?: number
  /** False where the file itself must not be a symbolic link. */
  readonly followsLinks?: boolean
  /** True where its folder was just seen to list it as a regular file: it is then not looked at once more before. */
  readonly isListedAsFile?: boolean
  /** Is shown what was opened, and throws FileProblem where it must not be read. */
  readonly refuse?: (opened: Stats) => void
}

function systemProblem(error: unknown): FileProblem {
  if (error instanceof FileProblem) return error
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return new FileProblem(code, WORDS[code] ?? (code || String(error)))
}

/** Files of /proc say that they are empty, and some are only right when they are read at once. */
const LEAST_ROOM = 16 * 1024

interface Bounds {
  /** What the file says of its size. */
  readonly expected: number
  readonly mostBytes: number
}

function readAll(file: number, room: Buffer, { expected, mostBytes }: Bounds): Buffer {
  for (let size = 0, to = room; ; ) {
    const count = readSync(file, to, { offset: size })
    size += count
    if (count === 0 || size === expected) return to.subarray(0, size)
    if (size > mostBytes) throw new FileProblem('', `larger than ${mostBytes} bytes`)
    if (size === to.length) to = Buffer.concat([to], Math.min(2 * size, mostBytes + 1))
  }
}

/** Room for a file of that size, and to see that it is no larger. */
const roomFor = (size: number, mostBytes: number): Buffer =>
  Buffer.allocUnsafe(Math.min(Math.max(size, LEAST_ROOM), mostBytes) + 1)

function read(path: string, limits: ReadLimits, room: typeof roomFor): Buffer {
  const { mostBytes = MOST_FILE_BYTES, followsLinks = true, isListedAsFile = false, refuse } = limits
  try {
    // Opening a device may already do something, so that it is looked at first; and once more what was opened.
    if (!isListedAsFile) lookAt(path, followsLinks)
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (followsLinks ? 0 : constants.O_NOFOLLOW)
    const file = openSync(path, flags)
    try {
      const stats = fstatSync(file)
      refuseOther(stats)
      refuse?.(stats)
      if (stats.size > mostBytes) throw new FileProblem('', `larger than ${mostBytes} bytes`)
      return readAll(file, room(stats.size, mostBytes), { expected: stats.size, mostBytes })
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw systemProblem(error)
  }
}

/**
 * The content of a regular file. Returns at once for anything else: a FIFO without a writer, a device, a folder.
 * Throws FileProblem.
 */
export function readRegularFile(path: string, limits: ReadLimits = {}): Buffer {
  return read(path, limits, roomFor)
}

/** Taken again for every text: a saved state has tens of thousands of files. */
let common = Buffer.alloc(0)
const MOST_COMMON_BYTES = 4 * 1024 * 1024

function commonRoom(size: number, mostBytes: number): Buffer {
  const room = Math.min(Math.max(size, LEAST_ROOM), mostBytes) + 1
  if (room > MOST_COMMON_BYTES) return Buffer.allocUnsafe(room)
  if (common.length < room) common = Buffer.allocUnsafe(Math.min(2 * room, MOST_COMMON_BYTES))
  return common.subarray(0, room)
}

/** The same as UTF-8, with the bytes that it has. */
export function readRegularText(
  path: string,
  limits: ReadLimits = {},
): { readonly text: string; readonly bytes: number } {
  const content = read(path, limits, commonRoom)
  return { text: content.toString('utf8'), bytes: content.length }
}

function lookAt(path: string, followsLinks: boolean): void {
  const there = (followsLinks ? statSync : lstatSync)(path, { throwIfNoEntry: false })
  if (there === undefined) throw new FileProblem('ENOENT', 'no such file')
  refuseOther(there)
}

function refuseOther(stats: Stats): void {
  if (stats.isDirectory()) throw new FileProblem('EISDIR', 'is a directory')
  if (!stats.isFile()) throw new FileProblem('', `is ${kindOf(stats)}, no regular file`)
}
