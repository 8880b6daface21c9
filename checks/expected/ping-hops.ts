/** How many times a ping's answer is forwarded on its way back, by who answers to whom. */
import type { Backend } from '../model/network-config.ts'
import type { PingPattern } from '../model/observation.ts'

/** Initial times to live in use: Linux and BSD, Windows, network equipment. */
const INITIAL_TTLS = [64, 128, 255] as const

/** Hosts that forward the answer: a container's own host, and the asking container's. */
const FORWARDS: Readonly<Record<PingPattern, number>> = { hu: 0, hv: 0, hd: 0, cd: 1, hc: 1, cc: 2 }

/** flanneld of the udp backend counts down once at each end (flannel `pkg/backend/udp/proxy_amd64.c`, `decrement_ttl`). */
const IN_TUNNEL: Readonly<Partial<Record<Backend, number>>> = { udp: 2 }

/** The least number of hops an answer has behind it when the asked end itself gave it. */
export function answerHops(pattern: PingPattern, backend: Backend): number {
  return FORWARDS[pattern] + (IN_TUNNEL[backend] ?? 0)
}

function initialTtl(ttl: number): number {
  return INITIAL_TTLS.find((initial) => initial >= ttl) ?? ttl
}

/** How many hops an answer has behind it, from the time to live it arrived with. */
export function hopsOf(ttl: number): number {
  return initialTtl(ttl) - ttl
}

/** The time to live that an answer with so many hops behind it has, where one that came has `ttl`. */
export function ttlBehind(hops: number, ttl: number): number {
  return initialTtl(ttl) - hops
}
