// flanneld says on standard error why it cannot go on (klog, before v0.14.0 glog): it waits for etcd and the
// configuration and asks again every second, and ends where link, lease or backend cannot be had (`main.go`).
// Nothing else on the host tells these apart. What the words mean is in expected/flanneld-complaints.ts.
import type { Evidence } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { type Complaining, complaintsOf, logCommand } from '../expected/flanneld-complaints.ts'
import { knownValue } from '../expected/observed-host.ts'
import { containsAddress, parseAddress } from '../model/address.ts'
import type { LeaseTable } from '../model/lease.ts'
import type { Source } from '../model/snapshot.ts'
import { LOG_FINDINGS, type LogCode } from './log-findings.ts'

/** A flanneld that waits for something asks again every second, for a renewal every minute. */
const CURRENT_SECONDS = 90
const LONGEST_QUOTE = 240

function evidenceOf({ line, tail }: Complaining, from: Source): readonly Evidence[] {
  return [{ source: { ...from, command: logCommand(tail) }, excerpt: line.raw }]
}

const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g

/** It names addresses, and none of them is of a lease that is still there: what could not be written is not wanted any more. */
function isOfTheGone(text: string, leases: LeaseTable | undefined): boolean {
  if (leases === undefined) return false
  const named = (text.match(ADDRESS) ?? []).flatMap((word) => parseAddress(word) ?? [])
  const isLeased = (address: number) =>
    leases.leases.some(({ subnet, publicIp }) => publicIp === address || containsAddress(subnet, address))
  return named.length > 0 && !named.some(isLeased)
}

export const check = defineHostCheck({
  id: 'daemon/log',
  title: "flanneld's own words",
  stage: 'trial',
  backends: 'any',
  needs: ['flanneldLog', 'flanneld'],
  needsExpected: false,
  findings: LOG_FINDINGS,
  *evaluate({ facts: { flanneldLog, flanneld }, sources, cluster: { snapshot } }) {
    const leases = knownValue(snapshot.datastore.leases)
    const pids = flanneld.processes.map(({ pid }) => pid)
    for (const complaining of complaintsOf(flanneldLog, pids)) {
      const { complaint, line, tail } = complaining
      const isRecent = pids.length === 0 || (line.ageSeconds ?? 0) <= CURRENT_SECONDS
      const isCurrent = isRecent && !(complaint === 'entries-not-written' && isOfTheGone(line.text, leases))
      const code: LogCode = complaint === 'unknown' || !isCurrent ? 'complains' : complaint
      const data = { line: line.text.slice(0, LONGEST_QUOTE), command: logCommand(tail) }
      yield {
        code,
        object: 'flanneld',
        observed: line.text,
        data,
        evidence: evidenceOf(complaining, sources.flanneldLog),
      }
    }
  },
})
