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

function hasArpFilters({ filters: { tables } }: HostView): boolean {
  return ARP_HOOKS.some((hook) => hasChainsAt(tables, hook))
}

/**
 * A chain of ARP that takes the question as it comes, or the answer as it leaves (nft(8), family arp; arptables); those of
 * the bridge, through which both go, are asked too (family bridge; ebtables).
 */
function filteredArp(
  view: HostView,
  { link, address, by, port, inVain }: Asked,
  who: string,
): Unanswered | undefined {
  const { tables } = view.filters
  const common = { ...filterPlace(view, by), state: 'UNTRACKED', protocol: 'icmp' } as const
  const question = { ...common, arp: 'request', inLink: link, source: by, destination: address } as const
  const answer = { ...common, arp: 'reply', outLink: link, source: address, destination: by } as const
  const asked = (hook: Hook, packet: Packet) => verdictAt(tables, hook, { packet, mark: 0 })
  const frame = port !== undefined && { bridge: link, inLink: port }
  const back = port !== undefined && { bridge: link, outLink: port }
  const verdict = [
    ...(frame ? [asked('bridge-prerouting', { ...question, ...frame })] : []),
    ...(frame ? [asked('bridge-input', { ...question, ...frame })] : []),
    asked('arp-input', question),
    asked('arp-output', answer),
    ...(back ? [asked('bridge-output', { ...answer, ...back })] : []),
    ...(back ? [asked('bridge-postrouting', { ...answer, ...back })] : []),
  ].find((one) => one.verdict !== 'accept')
  if (verdict === undefined) return undefined
  const [text, place] = [formatAddress(address), `${verdict.world} ${verdict.chain}`]
  const seen = { used: ruleEvidence(verdict, view.filters), ...present({ rule: losingRule(verdict) }) }
  if (verdict.verdict === 'drop' && inVain)
    return { why: `${who} answers no ARP request for ${text}: ${place} drops it: ${verdict.by}`, ...seen }
  const why = `whether ${who} answers an ARP request for ${text}, or needs to, depends on ${place}: ${verdict.by}`
  return { why, ...seen, isOpen: true }
}

/** Why nobody answers; undefined where the link does. */
export function unansweredArp(view: HostView, asked: Asked): Unanswered | undefined {
  const { link, address } = asked
  const who = view.container === undefined ? link : `${link} of ${view.container}`
  const silent = silentLink(view, asked, who)
  if (silent !== undefined) return silent
  const found = isIgnored(view, asked, setting(view, link, 'arp_ignore'))
    ? settingText(view, link, 'arp_ignore')
    : setting(view, link, 'arp_filter') > 0 && isFiltered(view, asked)
      ? settingText(view, link, 'arp_filter')
      : undefined
  if (found === undefined) return hasArpFilters(view) ? filteredArp(view, asked, who) : undefined
  const why = `${who} answers no ARP request for ${formatAddress(address)}: ${found}`
  return { why, used: [line(view, 'sysctls', found)] }
}
