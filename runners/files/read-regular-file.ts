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

function readAll(file: number, expected: number, mostBytes: number): Buffer {
  let room = Buffer.allocUnsafe(Math.min(Math.max(expected, LEAST_ROOM), mostBytes) + 1)
  for (let size = 0; ; ) {
    const count = readSync(file, room, { offset: size })
    if (count === 0) return room.subarray(0, size)
    size += count
    if (size > mostBytes) throw new FileProblem('', `larger than ${mostBytes} bytes`)
    if (size === room.length) room = Buffer.concat([room], Math.min(2 * size, mostBytes + 1))
  }
}

/**
 * The content of a regular file. Returns at once for anything else: a FIFO without a writer, a device, a folder.
 * Throws FileProblem.
 */
export function readRegularFile(path: string, limits: ReadLimits = {}): Buffer {
  const { mostBytes = MOST_FILE_BYTES, followsLinks = true, refuse } = limits
  try {
    // Opening a device may already do something, so that it is looked at first; and once more what was opened.
    refuseOther((followsLinks ? statSync : lstatSync)(path))
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (followsLinks ? 0 : constants.O_NOFOLLOW)
    const file = openSync(path, flags)
    try {
      const stats = fstatSync(file)
      refuseOther(stats)
      refuse?.(stats)
      if (stats.size > mostBytes) throw new FileProblem('', `larger than ${mostBytes} bytes`)
      return readAll(file, stats.size, mostBytes)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw systemProblem(error)
  }
}

function refuseOther(stats: Stats): void {
  if (stats.isDirectory()) throw new FileProblem('EISDIR', 'is a directory')
  if (!stats.isFile()) throw new FileProblem('', `is ${kindOf(stats)}, no regular file`)
}
