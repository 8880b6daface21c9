/** A saved trace judged again, without root and without a host: the same ends, places, words of the kernel and causes. */
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { judgePings } from '../../checks/trace/seen/judged-trace.ts'
import { runSaved } from './run-inventory.ts'

const STATES = fileURLToPath(new URL('../../fixtures/traced-states/', import.meta.url))

interface Recorded {
  readonly state: string
  /** `direction size ends agreement`. */
  readonly traces: readonly string[]
  readonly at: readonly string[]
  readonly says: RegExp
  readonly kernel: readonly (string | undefined)[]
  readonly firstCause?: string
}

/** As `trace` said it when it followed them. */
const RECORDED: readonly Recorded[] = [
  {
    state: 'forward-drop-icmp',
    traces: ['request 242 filtered confirmed'],
    at: ['h2 forward-in'],
    says: /last seen on h2 flannel\.1: a packet filter drops it; .*-s 10\.5\.0\.0\/16 -p icmp -j DROP/,
    kernel: ['NETFILTER_DROP', 'h2: ip filter FORWARD: meta l4proto icmp'],
  },
  {
    state: 'underlay-mtu-lowered',
    traces: [
      'request 272 delivered confirmed',
      'reply 272 delivered confirmed',
      'request 1450 too-big confirmed',
    ],
    at: ['h2 underlay'],
    says: /^small packets arrive, those of 1450 bytes do not: .*1500 bytes come to eth0, MTU 1400/,
    kernel: ['NOT_SPECIFIED', undefined],
    firstCause: 'subnet-env/mtu:wrong',
  },
]

for (const { state, traces, at, says, kernel, firstCause } of RECORDED) {
  test(`${state}: ${traces.at(-1)}`, async (t) => {
    const { report, snapshot } = await runSaved(`${STATES}${state}`)
    t.deepEqual(
      report.traces.map((one) => `${one.direction} ${one.ping.size} ${one.ends} ${one.agreement}`),
      traces,
    )
    t.deepEqual(
      judgePings(snapshot).loss?.at.map(({ host, stage }) => `${host} ${stage}`),
      at,
    )
    const lost = report.traces.at(-1)
    t.regex(lost?.says ?? '', says)
    t.is(lost?.dropReason, kernel[0])
    t.true(kernel[1] === undefined ? lost?.rule === undefined : lost?.rule?.startsWith(kernel[1]))
    t.deepEqual(lost?.evidenceFrom.slice(0, 3), ['counters', 'taps', 'tracefs'])
    t.is(report.verdict, 'broken')
    t.true(report.causes.length > 0)
    if (lost?.ends === 'filtered') t.false(report.ruledOut.includes('netfilter'))
    t.deepEqual(report.observations, [])
    if (firstCause !== undefined) t.is(report.causes[0]?.code, firstCause)
  })
}
