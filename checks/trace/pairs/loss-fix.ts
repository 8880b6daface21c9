/** The command that takes away what loses packets, where it is one route, policy rule, entry, link or setting of a host. */

import type { Fix } from '../../heal-step.ts'
import { fillCommand } from '../../model/shell-words.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { factOf, insideFact } from '../walk/container-view.ts'
import { linkRemedy, type Remedy } from './link-remedy.ts'
import type { Loss } from './losses.ts'
import { type RemedyOf, routeRemedy } from './route-remedy.ts'
import { removalFixes, rulePlace } from './rule-removal.ts'
import { tcRemedy } from './tc-remedy.ts'

/** `100: from all to 10.5.0.0/16 lookup 7` */
const policyRemedy: RemedyOf = (words) => {
  const [, priority] = /^(\d+): /.exec(words) ?? []
  if (priority === undefined || ['0', '32766', '32767'].includes(priority)) return undefined
  return {
    command: `ip rule del priority ${priority}`,
    effect: 'the policy rule no longer selects these packets',
  }
}

/** Entries of flannel's own links are flanneld's to write. */
const neighbourRemedy: RemedyOf = (words) => {
  const [, address, link = ''] = /^(\S+) dev (\S+)/.exec(words) ?? []
  if (address === undefined || link.startsWith('flannel')) return undefined
  return { command: `ip neigh del ${address} dev ${link}`, effect: 'the kernel asks for the address again' }
}

/** `02:00:00:00:00:99 dev vethx master docker0 static`, an entry of a bridge: those of flannel's link are flanneld's. */
const fdbRemedy: RemedyOf = (words) => {
  const [, mac, link, bridge, state] = /^(\S+) dev (\S+) master (\S+) ?(\S*)$/.exec(words) ?? []
  if (mac === undefined) return undefined
  const entry = `${mac} dev ${link} master`
  return {
    command: `bridge fdb del ${entry}`,
    undo: `bridge fdb replace ${entry} ${state === 'permanent' ? 'local' : state}`,
    effect: `${bridge} learns again where that MAC is`,
  }
}

/** Values that settings should have; of the others, the loose reverse path filter. */
const WANTED: readonly (readonly [RegExp, string])[] = [
  [/forwarding$|ip_forward$/, '1'],
  [/ignore|arp_filter$/, '0'],
  [/ip_default_ttl$/, '64'],
  [/mcast_solicit$/, '3'],
]

const sysctlRemedy: RemedyOf = (words) => {
  const [, name = '', value = ''] = /^(\S+) = (\S+)/.exec(words) ?? []
  const wanted = WANTED.find(([key]) => key.test(name))?.[1] ?? '2'
  if (name === '' || value === wanted) return undefined
  return {
    command: `sysctl -w ${name}=${wanted}`,
    undo: `sysctl -w ${name}=${value}`,
    effect: 'the kernel takes these packets',
  }
}

/** `src 10.5.0.0/16 dst 0.0.0.0/0 proto icmp dir fwd action block …` */
const xfrmRemedy: RemedyOf = (words) => {
  const [, selector, direction] = /^(src .*?) dir (in|out|fwd)\b/.exec(words) ?? []
  if (selector === undefined) return undefined
  return {
    command: `ip xfrm policy delete dir ${direction} ${selector}`,
    effect: 'the policy no longer selects these packets',
  }
}

/** `eth0 NOARP`, of a host or inside a container. */
const arpRemedy: RemedyOf = (words) => {
  const [, link] = /^(\S+) NOARP$/.exec(words) ?? []
  if (link === undefined) return undefined
  const set = `ip link set ${link} arp`
  return { command: `${set} on`, undo: `${set} off`, effect: 'the link asks and answers by ARP' }
}

const BY_SECTION: Readonly<Record<string, RemedyOf>> = {
  links: arpRemedy,
  addresses: arpRemedy,
  routes: routeRemedy,
  rules: policyRemedy,
  neighbours: neighbourRemedy,
  fdb: fdbRemedy,
  xfrm: xfrmRemedy,
  trafficControl: tcRemedy,
  sysctls: sysctlRemedy,
}

/** What heals one loss, by the line that shows it or the link that it is lost on. */
function remedyFor(loss: Loss, snapshot: ClusterSnapshot): Remedy | undefined {
  const [first] = loss.hop.used
  const byLine = first && BY_SECTION[factOf(first.source)]?.(first.excerpt, loss, snapshot)
  return byLine ?? linkRemedy(loss, snapshot)
}

/** The commands that heal one loss; empty where no single thing of the host can be named. */
export function lossFixes(loss: Loss, snapshot: ClusterSnapshot): readonly Fix[] {
  const [first] = loss.hop.used
  const { rule } = loss.hop
  // Others are told by path/rule.
  if (rule && /^(?:arp|bridge) /.test(rule.chain))
    return rule.byPolicy ? [] : removalFixes(rule, rulePlace(loss.hop, ''))
  const remedy = remedyFor(loss, snapshot)
  if (remedy === undefined) return []
  const inside = first && insideFact(first.source)
  const there = (command = ''): string | undefined =>
    fillCommand(inside === undefined ? command : `${inside.words} ${command}`, {
      words: first?.excerpt ?? '',
    })
  const command = there(remedy.command)
  const undo = remedy.undo && there(remedy.undo)
  if (command === undefined) return []
  return [{ host: loss.hop.host, command, effect: remedy.effect, restartProof: false, ...(undo && { undo }) }]
}
