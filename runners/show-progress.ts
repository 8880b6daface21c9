/** What a run tells of itself while it lasts, as far as somebody wants to hear it. */
import { hostRange } from '../reports/words/host-names.ts'

/** Shows what is being done until the function that it gives back is called. */
export type ShowProgress = (what: () => string) => () => void

/** Is told of each of several hosts when it is asked and when it has answered or failed. */
interface HostWatch {
  readonly asked: (host: string) => void
  readonly answered: (host: string) => void
}

/** Shows how many of `total` hosts are done with it, `hosts answered`, and who is waited for. */
export function watchHosts(show: ShowProgress | undefined, total: number, done: string): HostWatch {
  if (show === undefined || total === 0) return { asked: () => {}, answered: () => {} }
  const waiting = new Set<string>()
  let answered = 0
  const end = show(() => {
    const slow = waiting.size === 0 ? '' : `, waiting for ${hostRange([...waiting])}`
    return `${answered} of ${total} ${done}${slow}`
  })
  return {
    asked: (host) => waiting.add(host),
    answered: (host) => {
      waiting.delete(host)
      answered += 1
      if (answered === total) end()
    },
  }
}

/** Shows a sentence while something lasts. */
export async function shownWhile<T>(
  show: ShowProgress | undefined,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const end = show?.(() => what)
  try {
    return await work()
  } finally {
    end?.()
  }
}
