// A lease lives 24 h (`pkg/subnet/etcd/local_manager.go`, `subnetTTL`) and is renewed when the margin
// of 60 min (`main.go`, flag `subnet-lease-renew-margin`) is left; a failed renewal is tried again every
// minute (`RunLeaseExpirationHandler` and before it `MonitorLease`). Less than the margin on a living
// host means that renewals fail, and that the host drops out of the network when the time is over.

import { defineHostCheck } from '../define.ts'
import { RENEW_MARGIN_MINUTES } from '../expected/constants.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { formatPrefix } from '../model/address.ts'
import { named } from '../model/named.ts'

const SECONDS_PER_MINUTE = 60
/** Renewal may be this late before anyone is told: etcd was restarted, the clock was set. */
const GRACE_SECONDS = 300

/** Seconds below which a renewal has failed; never more than half of a small margin is given as grace. */
function threshold(marginMinutes: number): number {
  const margin = marginMinutes * SECONDS_PER_MINUTE
  return margin - Math.min(GRACE_SECONDS, margin / 2)
}

export const check = defineHostCheck({
  id: 'lease/time-to-live',
  title: "Time to live of the host's own lease",
  backends: 'any',
  needs: ['flanneld', 'etcd', 'leases', 'config'],
  needsExpected: true,
  findings: {
    expiring: {
      severity: 'warning',
      confidence: 'certain',
      says: 'the lease {subnet} of {host} ends in {minutes} min although flanneld renews it {margin} min before: renewals fail',
      fix: 'Restart flanneld on {host}; if the lease is not renewed, look for "Error renewing lease" in its log and check etcd and the clock.',
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ facts: { flanneld, etcd }, sources, expected: { lease } }) {
    if (lease.ttlSeconds === undefined) return
    const process = flanneldFor(flanneld, etcd.prefix)
    const margin = process ? flanneldOptions(process).renewMarginMinutes : RENEW_MARGIN_MINUTES
    if (lease.ttlSeconds >= threshold(margin)) return
    const subnet = formatPrefix(lease.subnet)
    yield {
      code: 'expiring',
      object: named('lease', subnet),
      expected: `more than ${margin} min`,
      observed: `${lease.ttlSeconds} s`,
      evidence: [{ source: sources.leases, excerpt: `${lease.key}: ${lease.ttlSeconds} s left` }],
      data: { subnet, margin, minutes: Math.floor(lease.ttlSeconds / SECONDS_PER_MINUTE) },
    }
  },
})
