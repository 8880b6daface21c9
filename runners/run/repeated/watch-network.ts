/** `check --watch`: looks again on a schedule and when the leases change. */
import { present } from '../../../checks/model/present.ts'
import type { Report } from '../../../reports/document/report.ts'
import type { DatastoreTarget } from '../collecting/read-datastore.ts'
import type { FinishedRun } from '../run-inventory.ts'
import { watchDatastore } from './watch-datastore.ts'

/** After a change, so that flanneld has done what the lease asks for, and a burst of changes is one. */
const SETTLE_MS = 2000

export interface WatchSettings {
  readonly everyMs: number
  readonly signal: AbortSignal
  /** Undefined where this look failed and said so. */
  readonly look: (known: Report | undefined) => Promise<Pick<FinishedRun, 'report' | 'datastore'> | undefined>
  /** Is told every look that came to its end, with the one before. */
  readonly tell: (report: Report, before: Report | undefined) => Promise<void>
}

/** A bell that is heard also by who comes after it was rung. */
class Bell {
  #isRung = false
  #wake = (): void => {}

  ring(): void {
    this.#isRung = true
    this.#wake()
  }

  /** Waits until it is rung, the time is over or the signal ends it; true when it was rung. */
  heard(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        this.#wake = () => {}
        resolve(this.#isRung)
        this.#isRung = false
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done, { once: true })
      this.#wake = done
      if (this.#isRung || signal.aborted) done()
    })
  }
}

/** Watches one datastore at a time, the one that the last look read. */
class DatastoreWatch {
  readonly #bell: Bell
  #target = ''
  #stop = new AbortController()

  constructor(bell: Bell) {
    this.#bell = bell
  }

  follow({ etcd, kubernetes }: DatastoreTarget): void {
    const target = { etcd, ...present({ kubernetes }) }
    const text = JSON.stringify(target)
    if (text === this.#target) return
    this.end()
    this.#target = text
    this.#stop = new AbortController()
    void watchDatastore(target, () => this.#bell.ring(), this.#stop.signal)
  }

  end(): void {
    this.#stop.abort()
  }
}

/** Looks until the signal ends it, and gives the last report. What the first look throws, it throws. */
export async function watchNetwork({
  everyMs,
  signal,
  look,
  tell,
}: WatchSettings): Promise<Report | undefined> {
  const bell = new Bell()
  const watch = new DatastoreWatch(bell)
  let last: Report | undefined
  while (!signal.aborted) {
    const run = await look(last)
    // A look that the stop cut short knows less than the one before.
    if (signal.aborted) last ??= run?.report
    else if (run !== undefined) {
      if (run.datastore !== undefined) watch.follow(run.datastore)
      await tell(run.report, last)
      last = run.report
    }
    const isChanged = await bell.heard(everyMs, signal)
    if (isChanged) await new Bell().heard(SETTLE_MS, signal)
  }
  watch.end()
  return last
}
