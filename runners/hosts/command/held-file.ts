/** A file that every command of some work keeps open, so that the command can be found when its starter was killed. */
import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync, openSync } from 'node:fs'

const heldFile = new AsyncLocalStorage<number>()

/**
 * Does `work` while every command it starts keeps that file open, from its fork on: so whoever
 * finds the file can find commands whose starter was killed (processesHolding, process-identity.ts).
 */
export async function holdingFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  const file = openSync(path, 'r')
  try {
    return await heldFile.run(file, work)
  } finally {
    closeSync(file)
  }
}

/** Streams of a command, with the held file as one more. */
export const streams = (stdin: 'pipe' | 'ignore'): ('pipe' | 'ignore' | number)[] => {
  const held = heldFile.getStore()
  return held === undefined ? [stdin, 'pipe', 'pipe'] : [stdin, 'pipe', 'pipe', held]
}
