/** The reader that watches: a line for each change, and an empty one now and then to learn that nobody listens any more. */
import type { WatchRequest } from './request.ts'
import { watchHere } from './watch-here.ts'

/** What is printed for changes, however many there were since the last. */
export const CHANGED = 'changed'
const BEAT_MS = 1000

/** Prints until this process is stopped. */
export async function printChanges(
  request: WatchRequest['watch'],
  print: (line: string) => void,
): Promise<void> {
  let changes = 0
  const stop = new AbortController()
  const beat = setInterval(() => {
    print(changes > 0 ? `${CHANGED}\n` : '\n')
    changes = 0
  }, BEAT_MS)
  await watchHere(request, () => changes++, stop.signal)
  clearInterval(beat)
}
