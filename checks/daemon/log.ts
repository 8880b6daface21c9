// flanneld says on standard error why it cannot go on (klog, before v0.14.0 glog): it waits for etcd and the
// configuration and asks again every second, and ends where link, lease or backend cannot be had (`main.go`).
// Nothing else on the host tells these apart. What the words mean is in expected/flanneld-complaints.ts.
import type { Evidence } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { type Complaining, complaintsOf, logCommand } from '../expected/flanneld-complaints.ts'
import type { Source } from '../model/snapshot.ts'
import { LOG_FINDINGS, type LogCode } from './log-findings.ts'

/** A flanneld that waits for something asks again every second, for a renewal every minute. */
const CURRENT_SECONDS = 90
const LONGEST_QUOTE = 240

function evidenceOf({ line, tail }: Complaining, from: Source): readonly Evidence[] {
  return [{ source: { ...from, command: logCommand(tail) }, excerpt: line.raw }]
}

export const check = defineHostCheck({
  id: 'daemon/log',
  title: "flanneld's own words",
  stage: 'trial',
  backends: 'any',
  needs: ['flanneldLog', 'flanneld'],
  needsExpected: false,
  findings: LOG_FINDINGS,
  *evaluate({ facts: { flanneldLog, flanneld }, sources }) {
    const pids = flanneld.processes.map(({ pid }) => pid)
    for (const complaining of complaintsOf(flanneldLog, pids)) {
      const { complaint, line, tail } = complaining
      const isCurrent = pids.length === 0 || (line.ageSeconds ?? 0) <= CURRENT_SECONDS
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
