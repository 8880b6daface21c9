/** Reads a file that the user named on the command line: a regular one, or a pipe such as /dev/stdin or `<(…)`. */
import { closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { FileProblem, readRegularFile } from './read-regular-file.ts'

/** How long a pipe may say nothing. */
const SILENCE_MS = 10_000

function readNow(pipe: number, chunk: Buffer): number | undefined {
  try {
    return readSync(pipe, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
    throw error
  }
}

async function readPipe(path: string, mostBytes: number): Promise<Buffer> {
  const pipe = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const chunks: Buffer[] = []
    let size = 0
    let until = Date.now() + SILENCE_MS
    for (;;) {
      const chunk = Buffer.allocUnsafe(65_536)
      const count = readNow(pipe, chunk)
      // A FIFO whose writer has not come yet reads as ended.
      if (count === 0 && size > 0) return Buffer.concat(chunks)
      if (count === undefined || count === 0) {
        if (Date.now() > until) throw new FileProblem('', 'nobody writes to this FIFO')
        await new Promise((done) => setTimeout(done, 10))
        continue
      }
      size += count
      if (size > mostBytes) throw new FileProblem('', `larger than ${mostBytes} bytes`)
      chunks.push(chunk.subarray(0, count))
      until = Date.now() + SILENCE_MS
    }
  } finally {
    closeSync(pipe)
  }
}

/** The text of the file. Throws FileProblem. */
export async function readNamedFile(path: string, mostBytes: number): Promise<string> {
  const isPipe = statSync(path, { throwIfNoEntry: false })?.isFIFO() === true
  const bytes = isPipe ? await readPipe(path, mostBytes) : readRegularFile(path, { mostBytes })
  return bytes.toString('utf8')
}
