/** The time to live of a packet under way. */
import { type HopParts, lose, type Walk } from './state.ts'

/** Time to live of a packet a Linux host makes (`net.ipv4.ip_default_ttl`). */
export const FIRST_TTL = 64

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
