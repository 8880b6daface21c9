// Through the v2 API a lease's expiry is an absolute time by etcd's clock, and flanneld waits for it by its own
// (flannel up to v0.17.0, `subnet/etcdv2/local_manager.go`, `RenewSubnet` in `network/manager.go`): a host whose
// clock is behind by more than the renew margin renews too late. The v3 client counts seconds from now instead.
import { defineClusterCheck } from '../define.ts'
import { RENEW_MARGIN_MINUTES } from '../expected/constants.ts'
import type { HostName } from '../model/snapshot.ts'

/** Seconds that reading and rounding may take besides the time of collection. */
const READING_SECONDS = 5
/** Difference worth telling: any NTP keeps far below. */
const DRIFT_SECONDS = 60

/** The middle value; of an even number the lower middle. */
function middle(values: readonly number[]): number {
  const ordered = [...values].sort((a, b) => a - b)
  return ordered[Math.floor((ordered.length - 1) / 2)] ?? 0
}

interface Clock {
  readonly host: HostName
  readonly seconds: number
}

export const check = defineClusterCheck({
  id: 'datastore/clock',
  title: 'Clocks of the hosts',
  backends: 'any',
  needs: ['etcd', 'kernel'],
  findings: {
    skewed: {
      severity: 'warning',
      confidence: 'likely',
      says: 'the clock of {host} differs by {observed} s from those of the others: flanneld renews its lease by its own clock, the lease ends by that of etcd',
      fix: 'Set the clock of {host} and keep it with NTP, then restart flanneld there.',
      explains: [
        { code: 'lease/time-to-live:expiring', when: 'same-host' },
        { code: 'lease/own:missing', when: 'same-host' },
      ],
    },
    drifting: {
      severity: 'info',
      confidence: 'likely',
      says: 'the clock of {host} differs by {observed} s from those of the others',
      fix: 'Keep the clock of {host} with NTP before the difference reaches the renew margin of flanneld.',
    },
  },
  *evaluate({ facts: { etcd }, hosts, cluster: { snapshot } }) {
    if (etcd.api !== 'v2') return
    const clocks = [...hosts].flatMap(([host, { facts }]): Clock[] =>
      facts.kernel.clockSeconds === undefined ? [] : [{ host, seconds: facts.kernel.clockSeconds }],
    )
    const { from, to } = snapshot.window
    const reference = middle([...clocks.map(({ seconds }) => seconds), to / 1000])
    // Of two clocks nobody can say which is wrong.
    if (clocks.length < 2) return
    const tolerated = (to - from) / 1000 + READING_SECONDS
    for (const { host, seconds } of clocks) {
      const skew = Math.abs(seconds - reference) - tolerated
      if (skew <= DRIFT_SECONDS) continue
      const code = skew > (RENEW_MARGIN_MINUTES * 60) / 2 ? 'skewed' : 'drifting'
      yield { code, host, object: 'clock', observed: `${Math.round(seconds - reference)}` }
    }
  },
})
