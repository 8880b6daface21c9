/** A file that others may remove at any moment. */
import { readFileSync } from 'node:fs'

/** What is in it; undefined where it is not there. Throws what else keeps it from being read. */
export function textIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
