/** What was replayed, in words: one saved state, or several that hosts took each for itself. */

import type { Recorded, RecordedBundle } from '../document/report.ts'
import { hostRange, hostsText } from './host-names.ts'
import { plural } from './subject-text.ts'

/** Changed keys that are named. */
const KEYS_SHOWN = 4

const MINUTE = 60

function spanText(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`
  return seconds < 120 * MINUTE
    ? `${Math.round(seconds / MINUTE)} min`
    : `${Math.round(seconds / 60 / MINUTE)} h`
}

function clockLine({ hosts, clockAheadSeconds: ahead = 0 }: RecordedBundle): string {
  return `the clock of ${hostRange(hosts)} is ${Math.abs(ahead)} s ${ahead > 0 ? 'ahead' : 'behind'}, told by what etcd leaves its leases`
}

function changedLines({ changed = [] }: Recorded): readonly string[] {
  if (changed.length === 0) return []
  const rest = changed.length - KEYS_SHOWN
  const names = `${changed.slice(0, KEYS_SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
  return [
    `etcd changed while they were taken, which may look like a fault of hosts that were read before: ${names}`,
  ]
}

function bundleLines(recorded: Recorded, bundles: readonly RecordedBundle[]): readonly string[] {
  const versions = [...new Set(bundles.map(({ version }) => version ?? 'an older one'))].sort()
  const unread = bundles.filter(({ etcdUnread }) => etcdUnread).flatMap(({ hosts }) => hosts)
  return [
    `of ${plural(bundles.length, 'saved state')} as one network, the last recorded ${recorded.at}, taken within ${spanText(recorded.spanSeconds ?? 0)}; no host was touched`,
    ...bundles.filter(({ clockAheadSeconds }) => clockAheadSeconds !== undefined).map(clockLine),
    ...changedLines(recorded),
    ...(unread.length === 0 ? [] : [`etcd could not be read from ${hostsText(unread)}`]),
    ...(versions.length < 2 ? [] : [`taken by different versions: ${versions.join(', ')}`]),
  ]
}

/** The lines that say what was replayed. */
export function recordedLines(recorded: Recorded): readonly string[] {
  const { bundles, from, at } = recorded
  return bundles === undefined
    ? [`of ${from}, recorded ${at}; no host was touched`]
    : bundleLines(recorded, bundles)
}
