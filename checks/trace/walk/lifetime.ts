/** The time to live of a packet under way. */
import { type HopParts, lose, type Walk } from './state.ts'
import type { HostView } from './world.ts'

/** Time to live of a packet that a Linux kernel makes, where nobody told it otherwise. */
export const USUAL_TTL = 64

/** The setting by which a kernel was told otherwise. */
export const TTL_SETTING = 'net.ipv4.ip_default_ttl'

/** Time to live of packets that a host or container makes. */
export function firstTtl({ sysctls }: Pick<HostView, 'sysctls'>): number {
  return Number(sysctls.get(TTL_SETTING) ?? USUAL_TTL)
}

/** One router further; ends the walk where the time to live does not last. */
export function outlives(walk: Walk, parts: HopParts): boolean {
  const { shortened } = walk
  walk.ttl -= 1
  if (walk.ttl > 0) return true
  const why = 'the time to live has run out'
  if (shortened === undefined) {
    lose(walk, 'loop', { ...parts, why })
    return false
  }
  const { rule, host, used = [], why: wrote = '' } = shortened
  const by = rule === undefined ? wrote : `${rule.chain} of ${host} wrote it: ${rule.by}`
  lose(walk, 'expired', { ...parts, why: `${why}: ${by}` })
  walk.culprit = { ...shortened, used, predicted: 'expired', why: rule?.by ?? wrote }
  return false
}
