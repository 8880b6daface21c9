/** Values of iptables options as conditions: addresses, ports, links, marks, ranges. */
import { containsAddress, parseAddress, parsePrefix } from '../../model/address.ts'
import { ipv6Number, isInIpv6, parseIpv6Prefix } from '../../model/ipv6.ts'
import { icmpv6Number } from './icmpv6-names.ts'
import {
  CHANCE,
  type Condition,
  hasAddressType,
  isInState,
  isProtocol,
  type Mark,
  type Packet,
  portOf,
  type SocketOwner,
  type Truth,
  UNKNOWN,
} from './packet.ts'

export type FromValue = (value: string) => Condition

export function address(side: 'source' | 'destination'): FromValue {
  return (value) => {
    const prefix = parsePrefix(value)
    if (prefix !== undefined) return (packet) => !packet.ipv6 && containsAddress(prefix, packet[side])
    const wide = parseIpv6Prefix(value.includes('/') ? value : `${value}/128`)
    return wide ? ({ ipv6 }) => ipv6 !== undefined && isInIpv6(ipv6[side], wide) : UNKNOWN
  }
}

function wideRange(side: 'source' | 'destination', value: string): Condition {
  const [first, last] = value.split('-').map(ipv6Number)
  if (first === undefined || last === undefined) return UNKNOWN
  return ({ ipv6 }) => {
    const address = ipv6 && ipv6Number(ipv6[side])
    return address !== undefined && address >= first && address <= last
  }
}

export function addressRange(side: 'source' | 'destination'): FromValue {
  return (value) => {
    const [first, last] = value.split('-').map(parseAddress)
    if (first === undefined || last === undefined) return wideRange(side, value)
    return (packet) => !packet.ipv6 && packet[side] >= first && packet[side] <= last
  }
}

/** A trailing `+` matches any rest of the name. A link that the packet does not have equals none. */
export function link(side: 'inLink' | 'outLink' | 'inPort' | 'outPort'): FromValue {
  return (value) => (packet) => {
    const name = packet[side]
    if (name === undefined) return false
    return value.endsWith('+') ? name.startsWith(value.slice(0, -1)) : name === value
  }
}

export function protocol(value: string): Condition {
  return (packet) => value === 'all' || value === '0' || isProtocol(value, packet.protocol)
}

function isListedPort(list: string, port: number | undefined): boolean {
  if (port === undefined) return false
  return list.split(',').some((item) => {
    const [first = '', last = first] = item.split(':')
    return port >= Number(first || 0) && port <= Number(last || 65535)
  })
}

export function ports(...sides: readonly ('sourcePort' | 'destinationPort')[]): FromValue {
  return (value) => (packet) => sides.some((side) => isListedPort(value, portOf(packet, side)))
}

function markIs(value: string): (seen: Mark) => Truth {
  const [wanted = 0, mask = 0xffffffff] = value.split('/').map(Number)
  if (Number.isNaN(wanted) || Number.isNaN(mask)) return () => 'unknown'
  return (seen) => (seen === 'unknown' ? 'unknown' : (seen & mask) >>> 0 === wanted >>> 0)
}

export const mark: FromValue = (value) => {
  const isMark = markIs(value)
  return (_packet, seen) => isMark(seen)
}
export const connmark: FromValue = (value) => {
  const isMark = markIs(value)
  return (packet) => isMark(packet.connmark ?? 0)
}

export function addressType(side: 'source' | 'destination'): FromValue {
  return (value) => (packet) => {
    const types = value.split(',').map((type) => hasAddressType(packet, side, type))
    return types.includes(true) ? true : types.includes('unknown') ? 'unknown' : false
  }
}

export const state: FromValue = (value) => (packet) => isInState(packet, value.split(','))

/** `100`, `100:200`, `:200`. */
export function inRange(read: (packet: Packet) => number | undefined): FromValue {
  return (value) => {
    const [first = '', last = first] = value.split(':')
    const [low, high] = [Number(first || 0), Number(last || 65535)]
    if (Number.isNaN(low) || Number.isNaN(high)) return UNKNOWN
    return (packet) => {
      const seen = read(packet)
      return seen === undefined ? 'unknown' : seen >= low && seen <= high
    }
  }
}

/** `0`, `0-999`: of whom the socket is that sends it. */
export function owner(side: keyof SocketOwner): FromValue {
  return (value) => {
    const isOwner = inRange(({ socket }) => socket?.[side])(value.replace('-', ':'))
    return (packet, mark) => packet.socket !== undefined && isOwner(packet, mark)
  }
}

export function ttl(holds: (seen: number, wanted: number) => boolean): FromValue {
  return (value) => (packet) => (packet.ttl === undefined ? 'unknown' : holds(packet.ttl, Number(value)))
}

/** Numbers of the names that iptables-save prints; the other types are none of a ping's. */
const ICMP_TYPES: Readonly<Record<string, number>> = { 'echo-reply': 0, 'echo-request': 8, pong: 0, ping: 8 }

export const icmpType: FromValue = (value) => {
  const [name = ''] = value.split('/')
  const wanted = ICMP_TYPES[name] ?? (/^\d+$/.test(name) ? Number(name) : undefined)
  return (packet) => {
    if (packet.protocol !== 'icmp') return false
    if (name === 'any' || name === '255') return true
    return packet.icmpType === undefined ? 'unknown' : packet.icmpType === wanted
  }
}

export const icmpv6Type: FromValue = (value) => {
  const [name = ''] = value.split('/')
  const wanted = icmpv6Number(name)
  return ({ protocol: own, icmpType }) => {
    if (own !== 'icmpv6') return false
    return wanted === undefined || icmpType === undefined ? 'unknown' : icmpType === wanted
  }
}

/** `--tcp-flags MASK SET`. */
export function tcpFlags(mask: string, set: string): Condition {
  const names = (text: string): readonly string[] =>
    text === 'NONE'
      ? []
      : text === 'ALL'
        ? ['fin', 'syn', 'rst', 'psh', 'ack', 'urg']
        : text.toLowerCase().split(',')
  const [looked, wanted] = [names(mask), names(set)]
  return ({ protocol: name, tcpFlags: seen }) => {
    if (name !== 'tcp') return false
    return seen === undefined
      ? 'unknown'
      : looked.every((flag) => seen.includes(flag) === wanted.includes(flag))
  }
}

/** A chance of none or of all is none; kube-proxy divides connections by the others. */
export const probability: FromValue = (value) => {
  const chance = Number(value)
  return chance === 0 ? () => false : chance === 1 ? () => true : CHANCE
}
