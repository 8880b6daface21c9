/** Pings as evidence and in words. */
import type { Evidence } from '../check.ts'
import type { PingError, PingObservation } from '../model/observation.ts'
import { endName } from '../model/path.ts'

/** Pings shown for one finding. */
const MOST_SHOWN = 3

/** What came in place of an answer, and who said it. */
export function saidText({ by, text }: PingError): string {
  return `${by === undefined ? '' : `${by} says `}"${text}"`
}

function resultText({ sent, received, error, ttl, size }: PingObservation): string {
  const said = error === undefined ? '' : `, ${saidText(error)}`
  return `${size} bytes: ${received} of ${sent} answered${ttl === undefined ? '' : `, ttl ${ttl}`}${said}`
}

/** The first few pings with what they said. */
export function pingEvidence(pings: readonly PingObservation[]): readonly Evidence[] {
  return pings.slice(0, MOST_SHOWN).map((ping) => ({
    source: { host: ping.from.host, section: 'probe', command: ping.command },
    excerpt: `${endName(ping.from)} to ${endName(ping.to)} ${ping.address}, ${resultText(ping)}`,
  }))
}
