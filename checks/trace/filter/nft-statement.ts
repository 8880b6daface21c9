/** What the statements of an nft rule (`libnftables-json(5)`) do once everything before them matches. */
import { parseAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import { readLeft } from './nft-field.ts'
import { asObject } from './nft-value.ts'
import type { Mark, Packet } from './packet.ts'
import type { Action, Translate } from './rule.ts'

const VERDICTS: Readonly<Record<string, 'accept' | 'drop' | 'reject' | 'return' | 'queue'>> = {
  accept: 'accept',
  drop: 'drop',
  reject: 'reject',
  return: 'return',
  queue: 'queue',
}

/** Statements that neither match nor decide. */
const SILENT = new Set([
  'comment',
  'continue',
  'counter',
  'ct expectation',
  'ct helper',
  'ct timeout',
  'dup',
  'flow',
  'last',
  'log',
  'map',
  'secmark',
  'set',
])

const SIDES: Readonly<Record<string, Translate['side']>> = {
  snat: 'source',
  masquerade: 'source',
  dnat: 'destination',
  redirect: 'destination',
}

function translation(keyword: string, argument: unknown): Translate | undefined {
  const side = SIDES[keyword]
  if (side === undefined) return undefined
  const { addr, port } = asObject(argument) ?? {}
  const toPort = typeof port === 'number' ? { port } : {}
  if (keyword === 'masquerade' || keyword === 'redirect')
    return { kind: 'translate', side, isOwn: true, ...toPort }
  const address = typeof addr === 'string' ? parseAddress(addr) : undefined
  return {
    kind: 'translate',
    side,
    ...present({ address }),
    ...toPort,
  }
}

/** Fields that say where a packet goes, as what, and from whom: a rule that writes them is not followed. */
const LEADING: ReadonlySet<unknown> = new Set([
  'saddr',
  'daddr',
  'sport',
  'dport',
  'protocol',
  'length',
  'type',
])

/** `ip ttl set VALUE`; other fields are not judged where they do not lead elsewhere. */
function payloadAction({ protocol, field }: Readonly<Record<string, unknown>>, value: unknown): Action {
  if (protocol === 'ip' && field === 'ttl' && typeof value === 'number')
    return { kind: 'ttl', apply: () => value }
  return { kind: LEADING.has(field) && protocol !== 'ip6' ? 'queue' : 'continue' }
}

/** `ct zone set VALUE`, of both directions. */
function zoneOf(ct: Readonly<Record<string, unknown>> | undefined, value: unknown): number | undefined {
  return ct?.key === 'zone' && ct.dir === undefined && typeof value === 'number' ? value : undefined
}

/** `meta mark set VALUE`, `ct mark set VALUE` and what a rule writes into the packet itself. */
function mangleAction({ key, value }: Readonly<Record<string, unknown>>): Action {
  const payload = asObject(asObject(key)?.payload)
  if (payload !== undefined) return payloadAction(payload, value)
  const zone = zoneOf(asObject(asObject(key)?.ct), value)
  if (zone !== undefined) return { kind: 'zone', zone }
  if (asObject(asObject(key)?.meta)?.key !== 'mark') return { kind: 'continue' }
  const read = readLeft(value)
  const apply = (mark: number, packet: Packet): Mark => {
    const seen = read(packet, mark)
    return typeof seen === 'object' && typeof seen.value === 'number' ? seen.value : 'unknown'
  }
  return { kind: 'mark', apply }
}

/**
 * `fwd to LINK` sends the frame out of another link as it is, with a MAC address that nobody there has: it is lost to the host.
 * With an address of the next hop it is sent there, wherever that leads (Linux `net/netfilter/nft_fwd_netdev.c`).
 */
function forwardAction(argument: unknown): Action {
  return { kind: asObject(argument)?.addr === undefined ? 'drop' : 'queue' }
}

function jumpChain(argument: unknown): string {
  const target = asObject(argument)?.target
  return typeof target === 'string' ? target : ''
}

/** What a statement does; undefined for one that is not followed. */
export function statementAction(keyword: string, argument: unknown): Action | undefined {
  const verdict = VERDICTS[keyword]
  if (verdict !== undefined) return { kind: verdict }
  if (keyword === 'jump' || keyword === 'goto') return { kind: keyword, chain: jumpChain(argument) }
  if (keyword === 'fwd') return forwardAction(argument)
  if (keyword === 'mangle') return mangleAction(asObject(argument) ?? {})
  if (keyword === 'notrack') return { kind: 'untrack' }
  return translation(keyword, argument) ?? (SILENT.has(keyword) ? { kind: 'continue' } : undefined)
}

/** Statements that hand the packet on, so that nobody can tell what becomes of it. */
export const HANDS_ON: ReadonlySet<string> = new Set(['synproxy', 'tproxy'])

/** True where a rule writes the mark of connections: what later packets carry then depends on former ones. */
export function writesConnmark(statement: unknown): boolean {
  return asObject(asObject(asObject(asObject(statement)?.mangle)?.key)?.ct)?.key === 'mark'
}
