/** Watches a datastore from the network of a host, with the reader as a command there. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Runner } from '../hosts/command/runner.ts'
import { CHANGED } from './print-changes.ts'
import { hereInNetworkOf, readerCommand } from './read-via.ts'
import type { WatchRequest } from './request.ts'
import { watchHere } from './watch-here.ts'

/** A reader is started anew after this time, so that what it prints stays bounded. */
const LONGEST_MS = 3_600_000
/** Before another is started. */
const PAUSE_MS = 2000

async function watchOnce(runner: Runner, request: WatchRequest, rest: Rest): Promise<void> {
  const near = await hereInNetworkOf(runner)
  await near?.run(readerCommand(), {
    stdin: JSON.stringify(request),
    timeoutMs: LONGEST_MS,
    signal: rest.signal,
    onStdout: (chunk) => {
      if (Buffer.from(chunk).includes(CHANGED)) rest.changed()
    },
  })
}

interface Rest {
  readonly changed: () => void
  readonly signal: AbortSignal
}

/** `watchHere` in the network of a runner's host, as `readEtcdVia` reads it. Never rejects. */
export async function watchVia(runner: Runner, request: WatchRequest['watch'], rest: Rest): Promise<void> {
  const { changed, signal } = rest
  if (runner.kind === 'local') return watchHere(request, changed, signal)
  while (!signal.aborted) {
    await watchOnce(runner, { watch: request }, rest).catch(() => {}) // why it cannot be read is told by reading it
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
}
