/** What the target of an iptables rule does (iptables-extensions(8)). */
import { parseAddress } from '../../model/address.ts'
import { present } from '../../model/present.ts'
import type { Packet } from './packet.ts'
import type { Action, Translate } from './rule.ts'

const VERDICTS: Readonly<Record<string, 'accept' | 'drop' | 'reject' | 'return' | 'queue'>> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  REJECT: 'reject',
  RETURN: 'return',
  QUEUE: 'queue',
  NFQUEUE: 'queue',
}

/** Targets after which the next rule is asked: none of them takes a packet or turns it elsewhere. */
const SILENT: ReadonlySet<string> = new Set([
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'CONNSECMARK',
  'DSCP',
  'ECN',
  'HMARK',
  'IDLETIMER',
  'LED',
  'LOG',
  'NFLOG',
  'RATEEST',
  'SECMARK',
  'SET',
  'TCPMSS',
  'TCPOPTSTRIP',
  'TEE',
  'TOS',
  'TRACE',
  'ULOG',
])

function valueAfter(options: readonly string[], name: string): string | undefined {
  const at = options.indexOf(name)
  return at < 0 ? undefined : options[at + 1]
}

/** `10.0.0.5:8080`, `10.0.0.5`, `:8080`; of a range nothing is chosen. */
function fixed(text: string | undefined): Pick<Translate, 'address' | 'port'> {
  const [, host = '', port] = /^([\d.]*)(?::(\d+))?$/.exec(text ?? '') ?? []
  const address = parseAddress(host)
  return { ...present({ address }), ...(port !== undefined && { port: Number(port) }) }
}

function translation(name: string, options: readonly string[]): Translate | undefined {
  switch (name) {
    case 'MASQUERADE':
      return { kind: 'translate', side: 'source', isOwn: true }
    case 'SNAT':
      return { kind: 'translate', side: 'source', ...fixed(valueAfter(options, '--to-source')) }
    case 'DNAT':
      return { kind: 'translate', side: 'destination', ...fixed(valueAfter(options, '--to-destination')) }
    case 'REDIRECT':
      return {
        kind: 'translate',
        side: 'destination',
        isOwn: true,
        ...fixed(`:${valueAfter(options, '--to-ports')}`),
      }
    case 'NETMAP':
      return { kind: 'translate', side: 'destination' }
    default:
      return undefined
  }
}

/** `VALUE[/MASK]` of --set-xmark (mask bits cleared, then value xored in) and of its short forms. */
function markAction([option, value = '']: readonly string[]): Action {
  const [bits = 0, mask = 0xffffffff] = value.split('/').map(Number)
  switch (option) {
    case '--set-xmark':
      return { kind: 'mark', apply: (mark) => ((mark & ~mask) ^ bits) >>> 0 }
    case '--set-mark':
      return { kind: 'mark', apply: (mark) => ((mark & ~mask) | bits) >>> 0 }
    case '--or-mark':
      return { kind: 'mark', apply: (mark) => (mark | bits) >>> 0 }
    case '--and-mark':
      return { kind: 'mark', apply: (mark) => (mark & bits) >>> 0 }
    case '--xor-mark':
      return { kind: 'mark', apply: (mark) => (mark ^ bits) >>> 0 }
    default:
      return { kind: 'mark', apply: () => 'unknown' }
  }
}

/** `--restore-mark` with masks: the connection's bits take the place of the packet's. */
function restored(options: readonly string[]): Action {
  const [ofConnection, ofPacket] = ['--ctmask', '--nfmask'].map((name) =>
    Number(valueAfter(options, name) ?? valueAfter(options, '--mask') ?? 0xffffffff),
  )
  const apply = (mark: number, { connmark = 0 }: Packet) =>
    connmark === 'unknown' ? connmark : ((mark & ~(ofPacket ?? 0)) ^ (connmark & (ofConnection ?? 0))) >>> 0
  return { kind: 'mark', apply }
}

/** True for a target that writes the mark of the connection. */
export function writesConnmark(target: readonly string[]): boolean {
  return target[1] === 'CONNMARK' && !target.includes('--restore-mark')
}

/** The time to live as TTL writes it (Linux `net/netfilter/xt_HL.c`, `ttl_tg`). */
function ttlAction([option, value]: readonly string[]): Action {
  const by = Number(value)
  if (option === '--ttl-set') return { kind: 'ttl', apply: () => by }
  const change = option === '--ttl-inc' ? by : -by
  return { kind: 'ttl', apply: (ttl) => Math.min(Math.max(ttl + change, 0), 255) }
}

/** A zone for one direction alone (`--zone-orig`) leaves answers where they are found. */
function connectionAction(options: readonly string[]): Action {
  if (options.includes('--notrack')) return { kind: 'untrack' }
  const zone = Number(valueAfter(options, '--zone'))
  return Number.isInteger(zone) ? { kind: 'zone', zone } : { kind: 'continue' }
}

/** Targets that change the packet or what is known of its connection. */
const CHANGES: Readonly<Record<string, (options: readonly string[]) => Action>> = {
  MARK: markAction,
  CONNMARK: (options) => (options.includes('--restore-mark') ? restored(options) : { kind: 'continue' }),
  NOTRACK: () => ({ kind: 'untrack' }),
  TTL: ttlAction,
  CT: connectionAction,
}

/** What the words from `-j` or `-g` on do; a target that is not known leaves open what happens. */
export function targetAction(target: readonly string[], chainNames: ReadonlySet<string>): Action {
  // A rule without a target only counts.
  const [verb, name, ...options] = target
  if (name === undefined) return { kind: 'continue' }
  if (chainNames.has(name)) return { kind: verb === '-g' ? 'goto' : 'jump', chain: name }
  const verdict = VERDICTS[name]
  if (verdict !== undefined) return { kind: verdict }
  if (SILENT.has(name)) return { kind: 'continue' }
  return CHANGES[name]?.(options) ?? translation(name, options) ?? { kind: 'queue' }
}
