/** A cluster whose flanneld of h1 said something. */
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { LogLine } from '../model/flanneld-log.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** A line of its log at level error. */
export const error = (text: string, ageSeconds = 1): LogLine => ({
  raw: `E1127 21:22:16.811374   14856 main.go:367] ${text}`,
  level: 'error',
  pid: 14_856,
  place: 'main.go:367',
  ageSeconds,
  text,
})

/** h1 whose flanneld said this; it runs unless told otherwise. */
export function said(lines: readonly LogLine[], isRunning = true): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', ({ flanneld }) => ({
    flanneldLog: { tails: [{ from: 'file', name: '/var/log/flanneld.log', lines }] },
    flanneld: isRunning ? flanneld : { processes: [] },
  }))
}
