/**
 * Whether a link answers ARP requests for an address (Linux `net/ipv4/arp.c`, `arp_rcv`, `arp_ignore`, `arp_filter`). Of
 * `conf.all` and `conf.LINK` the greater counts. What was not read is taken to be as it is by itself: 0.
 */
import type { Evidence } from '../../check.ts'
import { containsAddress, formatAddress, maskPrefix } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import { hasChainsAt } from '../filter/base-chains.ts'
import type { Packet } from '../filter/packet.ts'
import type { Hook } from '../filter/rule.ts'
import { ruleEvidence } from '../filter/rule-evidence.ts'
import { type LosingRule, losingRule, verdictAt } from '../filter/verdict.ts'
import { hostRoute } from '../lookup/host-route.ts'
import { linkSetting, linkSettingName } from '../lookup/link-setting.ts'
import { filterPlace } from './filters.ts'
import type { Problem } from './state.ts'
import { type HostView, line } from './world.ts'

/** Who is asked, for which address, and who asks. */
export interface Asked {
  readonly link: string
  readonly address: number
  readonly by: number
  /** The port of the bridge by which question and answer go. */
  readonly port?: string
  /** Who asks has asked before, and nobody answered. */
  readonly inVain: boolean
  /** Nothing has come from who is asked by which who asks could have learned of it. */
  readonly isFirst?: boolean
}

export interface Unanswered {
  readonly why: string
  readonly used: readonly Evidence[]
  /** The link of a host on which ARP is switched off. */
  readonly link?: string
  /** The rule that takes question or answer. */
  readonly rule?: LosingRule
  /** Set where it is not known whether the rule takes it, or matters: who was asked himself has learned of the asker. */
  readonly isOpen?: true
}

/** What it is for a packet that waits for the answer. */
export function arpProblem({ isOpen, why }: Unanswered): Problem {
  return [isOpen ? 'not-enough-facts' : 'no-neighbour', why]
}

/** The value of all links, and the link's own. */
function valuesOf({ sysctls }: HostView, link: string, key: string): readonly [all: number, own: number] {
  return [Number(linkSetting(sysctls, 'all', key) ?? 0), Number(linkSetting(sysctls, link, key) ?? 0)]
}

/** The greater of the two values. */
function setting(view: HostView, link: string, key: string): number {
  return Math.max(...valuesOf(view, link, key))
}

/** The greater of the two values with the name of the setting that has it. */
function settingText(view: HostView, link: string, key: string): string {
  const [all, own] = valuesOf(view, link, key)
  return own > all ? `${linkSettingName(link, key)} = ${own}` : `net.ipv4.conf.all.${key} = ${all}`
}

function isOnLink({ addresses }: HostView, { link, address }: Asked): boolean {
  return addresses.some((one) => one.link === link && one.prefix?.address === address)
}

/**
 * Mode 1 answers for addresses of the link only, 2 besides to askers of their subnet only, 3 for none of scope host, 8 for none
 * (`arp_ignore` and `inet_confirm_addr`).
 */
function isIgnored({ addresses }: HostView, { link, address, by }: Asked, mode: number): boolean {
  if (mode === 0) return false
  const held = addresses.filter(({ prefix }) => prefix?.address === address)
  const onLink = held.filter((one) => one.link === link)
  if (mode === 1) return onLink.length === 0
  if (mode === 2) return !onLink.some(({ prefix }) => prefix && containsAddress(maskPrefix(prefix), by))
  return mode === 8 || (mode === 3 && held.every(({ scope }) => scope === 'host'))
}

/** With arp_filter the way back to the asker must lead out by the same link. */
function isFiltered(view: HostView, { link, address, by }: Asked): boolean {
  const answer = hostRoute(view, { source: address, destination: by, mark: 0, headers: 'none' })
  return answer.kind !== 'unknown' && !(answer.kind === 'route' && answer.route.link === link)
}

/** An address that no route takes for local is answered for by nobody, whoever has it (`arp_process`). */
function isLocal(view: HostView, { link, address, by }: Asked): boolean {
  const flow = { source: by, destination: address, inLink: link, mark: 0, headers: 'none' } as const
  const answer = hostRoute(view, flow)
  return answer.kind === 'unknown' || (answer.kind === 'route' && answer.route.type === 'local')
}

/** What keeps the link from answering before any setting is asked. */
function silentLink(view: HostView, asked: Asked, who: string): Unanswered | undefined {
  const { link } = asked
  if (view.links.get(link)?.flags.includes('NOARP'))
    return {
      why: `${who} answers no ARP request: ARP is switched off on it`,
      used: [line(view, view.container === undefined ? 'links' : 'addresses', `${link} NOARP`)],
      ...(view.container === undefined && { link }),
    }
  if (!isOnLink(view, asked) || isLocal(view, asked)) return undefined
  const text = formatAddress(asked.address)
  const why = `${who} answers no ARP request for ${text}: policy rules and table local do not take it for local`
  return { why, used: [line(view, 'addresses', `${text} dev ${link}`)] }
}

/** Where question and answer may be taken. */
const ARP_HOOKS: readonly Hook[] = [
  'bridge-prerouting',
  'bridge-input',
  'arp-input',
  'arp-output',
  'bridge-output',
  'bridge-postrouting',
]

const filtered = new WeakMap<HostView['filters'], boolean>()

/** Nearly no host has any, and every packet asks. */
function hasArpFilters({ filters }: HostView): boolean {
  const known = filtered.get(filters) ?? ARP_HOOKS.some((hook) => hasChainsAt(filters.tables, hook))
  filtered.set(filters, known)
  return known
}

/** The first verdict that question or answer meets which is no accept. */
function arpVerdict(view: HostView, { link, address, by, port }: Asked, role: 'asker' | 'answerer') {
  const { tables } = view.filters
  const common = { ...filterPlace(view, by), state: 'UNTRACKED', protocol: 'icmp' } as const
  const question = { ...common, arp: 'request', source: by, destination: address } as const
  const answer = { ...common, arp: 'reply', source: address, destination: by } as const
  const [comes, goes] = role === 'asker' ? [answer, question] : [question, answer]
  const asked = (hook: Hook, packet: Packet) => verdictAt(tables, hook, { packet, mark: 0 })
  const frame = (hook: Hook, packet: Packet) =>
    port === undefined ? [] : [asked(hook, { ...packet, bridge: link })]
  return [
    ...frame('bridge-prerouting', { ...comes, ...present({ inLink: port }) }),
    ...frame('bridge-input', { ...comes, ...present({ inLink: port }) }),
    asked('arp-input', { ...comes, inLink: link }),
    asked('arp-output', { ...goes, outLink: link }),
    ...frame('bridge-output', { ...goes, ...present({ outLink: port }) }),
    ...frame('bridge-postrouting', { ...goes, ...present({ outLink: port }) }),
  ].find((one) => one.verdict !== 'accept')
}

/**
 * A chain of ARP that takes question or answer at who answers or who asks (nft(8), family arp; arptables); those of
 * the bridge, through which both go, are asked too (family bridge; ebtables).
 */
function filteredArp(view: HostView, asked: Asked, role: 'asker' | 'answerer'): Unanswered | undefined {
  const { link, address, inVain } = asked
  const [who, isAsker] = [linkName(view, link), role === 'asker']
  const verdict = arpVerdict(view, asked, role)
  if (verdict === undefined) return undefined
  const [text, place] = [formatAddress(address), `${verdict.world} ${verdict.chain}`]
  const seen = { used: ruleEvidence(verdict, view.filters), ...present({ rule: losingRule(verdict) }) }
  const does = isAsker ? 'gets an answer to its' : 'answers an'
  if (verdict.verdict === 'drop' && inVain) {
    const what = isAsker ? 'gets no answer to its' : 'answers no'
    return { why: `${who} ${what} ARP request for ${text}: ${place} drops it: ${verdict.by}`, ...seen }
  }
  const why = `whether ${who} ${does} ARP request for ${text}, or needs to, depends on ${place}: ${verdict.by}`
  return { why, ...seen, isOpen: true }
}

/** Why who asks gets no answer, whoever gives one: its own chains of ARP take the question as it leaves, or the answer as it comes. */
export function unheardArp(view: HostView, asked: Asked): Unanswered | undefined {
  return unasked(view, asked) ?? (hasArpFilters(view) ? filteredArp(view, asked, 'asker') : undefined)
}

/** Without a single question by broadcast nobody is ever found (Linux `net/core/neighbour.c`, `__neigh_event_send`); who asks itself is learned of. */
function unasked(view: HostView, { link, address, inVain, isFirst }: Asked): Unanswered | undefined {
  const name = `net.ipv4.neigh.${link}.mcast_solicit`
  if (view.sysctls.get(name) !== '0') return undefined
  const setting = `${linkSettingName(link, 'mcast_solicit', 'neigh')} = 0`
  const why = `${linkName(view, link)} asks by no ARP request for ${formatAddress(address)}: ${setting}`
  return { why, used: [line(view, 'sysctls', setting)], ...(!inVain && !isFirst && { isOpen: true }) }
}

function linkName({ container }: HostView, link: string): string {
  return container === undefined ? link : `${link} of ${container}`
}

/** Why nobody answers; undefined where the link does. */
export function unansweredArp(view: HostView, asked: Asked): Unanswered | undefined {
  const { link, address } = asked
  const who = linkName(view, link)
  const silent = silentLink(view, asked, who)
  if (silent !== undefined) return silent
  const found = isIgnored(view, asked, setting(view, link, 'arp_ignore'))
    ? settingText(view, link, 'arp_ignore')
    : setting(view, link, 'arp_filter') > 0 && isFiltered(view, asked)
      ? settingText(view, link, 'arp_filter')
      : undefined
  if (found === undefined) return hasArpFilters(view) ? filteredArp(view, asked, 'answerer') : undefined
  const why = `${who} answers no ARP request for ${formatAddress(address)}: ${found}`
  return { why, used: [line(view, 'sysctls', found)] }
}
