/** The command that takes away what tc has on a link, or sets up what it leads to. */
import { knownValue } from '../../expected/observed-host.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { LinkFilter } from '../../model/traffic-control.ts'
import type { Remedy } from './link-remedy.ts'
import type { Loss } from './losses.ts'

function filterOf(words: string, { hop }: Loss, snapshot: ClusterSnapshot): LinkFilter | undefined {
  const facts = snapshot.hosts.get(hop.host)?.facts
  return (
    facts &&
    knownValue(facts.trafficControl)?.filters.find(({ text, link }) => text === words && link === hop.link)
  )
}

/** A filter that takes packets: off with it, or up with the ifb that it leads to. */
function filterRemedy(words: string, loss: Loss, snapshot: ClusterSnapshot): Remedy | undefined {
  const found = filterOf(words, loss, snapshot)
  if (found === undefined) return undefined
  const { link, direction, protocol, preference, redirectedTo } = found
  const facts = snapshot.hosts.get(loss.hop.host)?.facts
  const to = facts && knownValue(facts.links)?.find(({ name }) => name === redirectedTo)
  if (to?.kind === 'ifb')
    return { command: `ip link set ${to.name} up`, effect: 'what is led through it goes on again' }
  if (preference === undefined) return undefined
  return {
    command: `tc filter del dev ${link} ${direction} protocol ${protocol} pref ${preference}`,
    effect: 'the filter no longer takes these packets',
  }
}

/** `qdisc blackhole 8002: dev eth0 root refcnt 2`, `filter parent ffff: protocol ip pref 49152 u32 …` */
export function tcRemedy(words: string, loss: Loss, snapshot: ClusterSnapshot): Remedy | undefined {
  if (words.startsWith('filter ')) return filterRemedy(words, loss, snapshot)
  const [, onHost, inside] = /^(?:qdisc \S+ \S+ dev (\S+) root\b|(\S+) qdisc )/.exec(words) ?? []
  const link = onHost ?? inside
  if (link === undefined) return undefined
  return { command: `tc qdisc del dev ${link} root`, effect: 'the link has its usual queue again' }
}
