/**
 * The addresses that packet filters, sets, IPsec policies, filters of tc and policy rules of a host and of its containers
 * name: packets from or to them may be treated unlike all others.
 */
import { knownValue } from '../../expected/observed-host.ts'
import { lastAddress, networkAddress, type Prefix, parseAddress } from '../../model/address.ts'
import type { ContainerNetwork } from '../../model/container-bridge.ts'
import type { Ipset } from '../../model/ipset.ts'
import type { Iptables, Nftables } from '../../model/netfilter.ts'
import type { PolicyRule } from '../../model/route.ts'
import type { HostSnapshot } from '../../model/snapshot.ts'
import type { Xfrm } from '../../model/xfrm.ts'

/** From the first to the last address, as numbers, both included. */
export interface AddressRange {
  readonly first: number
  readonly last: number
}

/** What is named in one place. */
export interface Named {
  readonly ranges: readonly AddressRange[]
  /** In lower case. */
  readonly macs: readonly string[]
}

const ADDRESS = String.raw`\d{1,3}(?:\.\d{1,3}){3}`
/** `a`, `a/length`, `a/netmask` and `a-b`. */
const WRITTEN = new RegExp(
  String.raw`(?<![\d.])(${ADDRESS})(?:/(${ADDRESS}|\d+)|-(${ADDRESS}))?(?![\d.])`,
  'g',
)
/** u32 of tc: value and mask of a word at the place of the source, 12, or of the destination, 16, in an IPv4 header. */
const U32 = /match ([0-9a-f]{8})\/([0-9a-f]{8}) at 1[26]\b/g
const MAC = /(?<![0-9a-f:])[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?![0-9a-f:])/gi

/** All addresses of a prefix. */
export function ofPrefix(prefix: Prefix): AddressRange {
  return { first: networkAddress(prefix), last: lastAddress(prefix) }
}

/** A netmask that is none of a prefix is taken as the widest prefix within it. */
function lengthOf(mask: number): number {
  return Math.clz32(~mask >>> 0)
}

function lengthIn(text: string): number {
  const mask = parseAddress(text)
  return mask === undefined ? Math.min(Number(text), 32) : lengthOf(mask)
}

function rangeOf([, from = '', length, to]: RegExpMatchArray): readonly AddressRange[] {
  const address = parseAddress(from)
  if (address === undefined) return []
  const last = to === undefined ? undefined : parseAddress(to)
  if (last !== undefined) return [{ first: address, last }]
  return [ofPrefix({ address, length: length === undefined ? 32 : lengthIn(length) })]
}

function ofWord([, value = '', mask = '']: RegExpMatchArray): AddressRange {
  return ofPrefix({ address: Number.parseInt(value, 16), length: lengthOf(Number.parseInt(mask, 16)) })
}

function namedIn(text: string): Named {
  return {
    ranges: [...[...text.matchAll(WRITTEN)].flatMap(rangeOf), ...[...text.matchAll(U32)].map(ofWord)],
    macs: [...text.matchAll(MAC)].map(([mac]) => mac.toLowerCase()),
  }
}

/** What nft prints as JSON, its prefixes and ranges as people write them. */
function nftText(printed: unknown): string {
  return JSON.stringify(printed)
    .replaceAll(/"addr":"([\d.]+)","len":(\d+)/g, '$1/$2')
    .replaceAll(/"range":\["([\d.]+)","([\d.]+)"\]/g, '$1-$2')
}

const known = new WeakMap<object, Named>()

/** Hosts share rules of one text, so that each is read once. */
function once(of: object, text: () => string): Named {
  const named = known.get(of) ?? namedIn(text())
  known.set(of, named)
  return named
}

function* inIptables(saved: Iptables | undefined): Iterable<Named> {
  for (const rule of saved?.rules ?? []) yield once(rule, () => rule.text)
}

function* inNftables(printed: Nftables | undefined): Iterable<Named> {
  for (const { expressions } of printed?.rules ?? []) yield once(expressions, () => nftText(expressions))
  for (const { elements } of printed?.sets ?? []) yield once(elements, () => nftText(elements))
}

function* inSets(sets: Iterable<Ipset>): Iterable<Named> {
  for (const { members } of sets) yield once(members, () => members.flatMap(({ parts }) => parts).join('\n'))
}

interface Routing {
  readonly rules: readonly PolicyRule[] | undefined
  readonly xfrm: Xfrm | undefined
}

function* inRouting({ rules, xfrm }: Routing): Iterable<Named> {
  for (const rule of rules ?? []) yield once(rule, () => `${rule.from} ${rule.to ?? ''}`)
  for (const policy of xfrm?.policies ?? [])
    yield once(policy, () => `${policy.source} ${policy.destination}`)
}

function* inContainer({ iptables, iptablesLegacy, nftables, ...routing }: ContainerNetwork): Iterable<Named> {
  yield* inIptables(iptables)
  yield* inIptables(iptablesLegacy)
  yield* inNftables(nftables)
  yield* inRouting(routing)
}

/** What is named on a host and in its containers, place by place; the same place gives the same object. */
export function* namedOn({ facts }: HostSnapshot): Iterable<Named> {
  yield* inIptables(knownValue(facts.iptables))
  yield* inIptables(knownValue(facts.iptablesLegacy))
  yield* inNftables(knownValue(facts.nftables))
  yield* inSets(knownValue(facts.ipsets)?.values() ?? [])
  yield* inRouting({ rules: knownValue(facts.rules), xfrm: knownValue(facts.xfrm) })
  for (const filter of knownValue(facts.trafficControl)?.filters ?? [])
    yield once(filter, () => filter.keys.join('\n'))
  for (const { network } of knownValue(facts.containers) ?? []) if (network) yield* inContainer(network)
}
