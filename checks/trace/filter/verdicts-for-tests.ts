/** Verdicts at the hooks of one way, for tests of single tables. */
import type { Packet } from './packet.ts'
import type { FilterTable } from './rule.ts'
import { type Verdict, verdictAt } from './verdict.ts'

/** The verdict at the forward hook, with whatever mark prerouting gave the packet. */
export function forwardVerdict(tables: readonly FilterTable[], packet: Packet): Verdict {
  const { outLink: _, ...unrouted } = packet
  const { mark } = verdictAt(tables, 'prerouting', { packet: unrouted, mark: 0 })
  return verdictAt(tables, 'forward', { packet, mark })
}

/** The verdict on the way to a socket of the host: prerouting, then input. */
export function inputVerdict(tables: readonly FilterTable[], packet: Packet): Verdict {
  const { outLink: _, ...unrouted } = packet
  const first = verdictAt(tables, 'prerouting', { packet: unrouted, mark: 0 })
  if (first.verdict !== 'accept') return first
  return verdictAt(tables, 'input', { packet: unrouted, mark: first.mark })
}
