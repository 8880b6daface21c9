import test from 'ava'
import type { TraceObservation } from '../../checks/model/trace-observation.ts'
import { judge } from '../../runners/run/judging/judge.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { exitCode } from '../document/exit-code.ts'
import type { Report, ReportHop, ReportTrace } from '../document/report.ts'
import { text } from '../text/text.ts'

const PLAIN = { color: false, width: 100 }
const RUN = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
  argv: [],
}

function hop(host: string, link: string, more: Partial<ReportHop>): ReportHop {
  return { host, link, stage: 'bridge', used: [], predicted: 'forwarded', ...more }
}

const LOST: ReportTrace = {
  from: { host: 'h1', container: 'h1c1', address: '10.5.1.2' },
  to: { host: 'h2', container: 'h2c1', address: '10.5.2.2' },
  direction: 'request',
  hops: [
    hop('h1', 'eth0', { seen: true, container: 'h1c1' }),
    hop('h1', 'docker0', {}),
    hop('h1', 'eth0', { seen: true, stage: 'underlay' }),
    hop('h2', 'eth0', { seen: false, stage: 'underlay' }),
  ],
  ends: 'lost-on-underlay',
  lastSeen: 2,
  agreement: 'confirmed',
  says: 'it was lost \u001b[31mhere',
  evidenceFrom: ['taps'],
  notObserved: [{ rung: 'taps', where: 'h1 docker0', reason: 'no tcpdump' }],
  counters: [],
  ping: { size: 84, sent: 2, received: 0 },
}

/** What was seen of a packet of which only ping tells. */
function observation({ from, to, ping: { size, ...ping } }: ReportTrace): TraceObservation {
  const nothing = { taps: [], drops: [], rules: [], counters: [], missing: [] }
  return { kind: 'trace', from, to, size, ping, oneClock: true, ...nothing }
}

/** The verdict is judged from what pings said; the traces are shown as given. */
async function reportWith(traces: readonly ReportTrace[]): Promise<Report> {
  const snapshot = await recordedCluster('v0.28.9-vxlan')
  const report = judge(
    { ...snapshot, observations: traces.map(observation) },
    { run: { ...RUN, level: 'capture' }, commands: [] },
    { selection: { only: [], skip: [] }, failOn: 'warning' },
  )
  return { ...report, traces }
}

test('a lost packet is the first line, with a picture and what was not observed', async (t) => {
  const report = await reportWith([LOST])
  const lines = text(report, PLAIN)
  t.regex(lines, /^LOST {2}it was lost \\x1b\[31mhere\nBROKEN/)
  t.true(lines.includes('h1/h1c1 ● eth0 h1 · docker0 ● eth0 ✗ ≈ h2 ○ eth0'), lines)
  t.regex(lines, /unseen +taps h1 docker0: no tcpdump/)
  t.is(exitCode(report), 1)
})

test('a ping that could not be sent decides nothing', async (t) => {
  const problem = { why: 'not-installed', detail: 'no ping' } as const
  const report = await reportWith([{ ...LOST, ping: { size: 84, sent: 0, received: 0, problem } }])
  t.regex(text(report, PLAIN), /^NOT SENT {2}h1\/h1c1 to h2\/h2c1: no ping was sent: no ping\nUNDECIDED/)
  t.is(exitCode(report), 3)
})

test('a delivered ping is healthy and says its round trip', async (t) => {
  const ping = { size: 84, sent: 2, received: 2, rttMs: { min: 0.1, avg: 0.2, max: 0.3 } }
  const report = await reportWith([{ ...LOST, ends: 'delivered', ping }])
  t.regex(
    text(report, PLAIN),
    /^DELIVERED {2}h1\/h1c1 to h2\/h2c1: 2 of 2 .*round trip 0\.1 to 0\.3 ms\nHEALTHY/,
  )
  t.is(exitCode(report), 0)
})

test('both sizes are said, and the picture of the large packets says its size', async (t) => {
  const small = { size: 84, sent: 2, received: 2 }
  const full = { size: 1450, sent: 2, received: 0 }
  const report = await reportWith([
    { ...LOST, ends: 'delivered', ping: small, fullPing: full },
    { ...LOST, ping: full },
  ])
  const lines = text(report, PLAIN)
  t.regex(lines, /^LOST {2}it was lost/)
  t.regex(lines, /\n +1450 bytes:\n {2}request +h1\/h1c1/)
  t.regex(lines, /ping +2 of 2 pings of 84 bytes answered\n +0 of 2 pings of 1450 bytes answered\n/)
  t.is(exitCode(report), 1)
})

test('a packet that the links of its own ends do not take is headed as that', async (t) => {
  const report = await reportWith([{ ...LOST, endsTake: 1450 }])
  t.regex(text(report, PLAIN), /^TOO LARGE {2}/)
})
