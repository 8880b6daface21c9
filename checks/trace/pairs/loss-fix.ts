/** The command that takes away what loses packets, where it is one route, policy rule, entry, link or setting of a host. */

import { knownValue } from '../../expected/observed-host.ts'
import type { Fix } from '../../heal-step.ts'
import { formatAddress, networkAddress, type Prefix, parsePrefix } from '../../model/address.ts'
import { fillCommand } from '../../model/shell-words.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { factOf, insideFact } from '../walk/container-view.ts'
import { linkRemedy, type Remedy } from './link-remedy.ts'
import type { Loss } from './losses.ts'
import { removalFixes, rulePlace } from './rule-removal.ts'
import { tcRemedy } from './tc-remedy.ts'

type RemedyOf = (words: string, loss: Loss, snapshot: ClusterSnapshot) => Remedy | undefined

/** An address that a host takes for its own though another host has it. */
const addressRemedy: RemedyOf = (words, { hop }, snapshot) => {
  const [, address, link] = /^local ([\d.]+) dev (\S+)/.exec(words) ?? []
  const facts = snapshot.hosts.get(hop.host)?.facts
  const held =
    facts && knownValue(facts.addresses)?.find((one) => one.address === address && one.link === link)
  if (held === undefined || hop.predicted !== 'captured') return undefined
  const what = `${held.address}/${held.length} dev ${held.link}`
  return {
    command: `ip addr del ${what}`,
    undo: `ip addr add ${what}`,
    effect: 'the host no longer takes packets for that address',
  }
}

function broadcastOf({ address, length }: Prefix): string {
  return formatAddress((networkAddress({ address, length }) + 2 ** (32 - length) - 1) >>> 0)
}

/** The address whose length makes a broadcast address of a container's, where the link has another for the subnet. */
const broadcastRemedy: RemedyOf = (words, { hop }, snapshot) => {
  const [, address, link] = /^broadcast ([\d.]+)(?:\/32)? dev (\S+)/.exec(words) ?? []
  const facts = snapshot.hosts.get(hop.host)?.facts
  const onLink = ((facts && knownValue(facts.addresses)) ?? []).filter((one) => one.link === link)
  const found = onLink.find(({ prefix }) => prefix !== undefined && broadcastOf(prefix) === address)
  if (found === undefined || !onLink.some(({ length }) => length < found.length)) return undefined
  const what = `${found.address}/${found.length} dev ${found.link}`
  return {
    command: `ip addr del ${what}`,
    undo: `ip addr add ${what}`,
    effect: 'the address is that of a container again',
  }
}

/** True for a route to a part of the network; of those that refuse, and inside a container of those to neighbours, also to the whole. */
function isOfNetwork(words: string, { hop }: Loss, { datastore }: ClusterSnapshot): boolean {
  const network = knownValue(datastore.config)?.network
  const [, destination = ''] = /^(?:[a-z]+ )?([\d./]+)/.exec(words) ?? []
  const prefix = parsePrefix(destination)
  if (prefix === undefined || network === undefined) return false
  const isRefusing = /^(?:blackhole|unreachable|prohibit|throw) /.test(words)
  const isToNeighbours = hop.container !== undefined && !words.includes(' via ')
  return prefix.length >= network.length + (isRefusing || isToNeighbours ? 0 : 1)
}

/** A host that forwards takes redirects where both `all` and the link allow it (Linux `include/linux/inetdevice.h`, IN_DEV_RX_REDIRECTS). */
const FORGET_REDIRECTS: Remedy = {
  command: 'sysctl -w net.ipv4.conf.all.accept_redirects=0 net.ipv4.route.flush=1',
  undo: 'sysctl -w net.ipv4.conf.all.accept_redirects=1',
  effect: 'ICMP redirects are forgotten, and no longer accepted',
}

/** A route to a part of the network, or one that refuses: never the default route, nor one to what lies beside the network. */
const routeRemedy: RemedyOf = (words, loss, snapshot) => {
  if (loss.hop.predicted === 'expired')
    return { command: 'ip route replace {words...}', effect: 'packets have the usual time to live' }
  if (words.endsWith(' cache <redirected>')) return FORGET_REDIRECTS
  if (words.startsWith('local ')) return addressRemedy(words, loss, snapshot)
  if (words.startsWith('broadcast ')) return broadcastRemedy(words, loss, snapshot)
  if (!isOfNetwork(words, loss, snapshot)) return undefined
  return {
    command: 'ip route del {words...}',
    undo: 'ip route add {words...}',
    effect: 'the route no longer leads there',
  }
}

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
