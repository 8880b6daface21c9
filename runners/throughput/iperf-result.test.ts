/** Output of iperf3: real, erroneous, hostile. */
import { readFileSync } from 'node:fs'
import test from 'ava'
import fc from 'fast-check'
import { isMeasured } from '../../reports/throughput/throughput.ts'
import { parseIperf } from './iperf-result.ts'

function recorded(name: string): string {
  return readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')
}

const FORWARD = recorded('iperf-3.12-forward')

/** The recorded document with a value somewhere replaced. */
function withValue(path: readonly string[], value: unknown): string {
  const whole = JSON.parse(FORWARD) as Record<string, unknown>
  let at = whole
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>
  at[path.at(-1) ?? ''] = value
  return JSON.stringify(whole)
}

test('iperf3 3.12, the client sends', (t) => {
  t.deepEqual(parseIperf(FORWARD), {
    mbits: 6877.669653717462,
    retransmits: 284,
    senderCpu: 33.637254882464887,
    receiverCpu: 29.276609310037138,
  })
})

test('with -R the client is the receiver; the figures of two streams are added', (t) => {
  t.deepEqual(parseIperf(recorded('iperf-3.12-reverse-two-streams')), {
    mbits: 6843.69989304717,
    retransmits: 143,
    senderCpu: 26.428794100360587,
    receiverCpu: 25.98347204226425,
  })
})

test('its own error is the problem', (t) => {
  const said =
    '{"start":{"connected":[]},"intervals":[],"end":{},"error":"unable to connect to server: Connection refused"}'
  t.deepEqual(parseIperf(said), { problem: 'iperf3: unable to connect to server: Connection refused' })
  t.deepEqual(parseIperf(withValue(['error'], 'the server\u001b[31m has\nterminated')), {
    problem: 'iperf3: the server [31m has terminated',
  })
})

test('what is not known is left out, not taken for zero', (t) => {
  t.is(parseRetransmits(-1), undefined)
  t.is(parseRetransmits(null), undefined)
  t.is(parseRetransmits('7'), undefined)
  t.is(parseRetransmits(0), 0)
  const withoutCpu = parseIperf(withValue(['end', 'cpu_utilization_percent'], undefined))
  t.false('senderCpu' in withoutCpu)
  t.true(isMeasured(withoutCpu))
})

function parseRetransmits(value: unknown): number | undefined {
  const reading = parseIperf(withValue(['end', 'sum_sent', 'retransmits'], value))
  return isMeasured(reading) ? reading.retransmits : Number.NaN
}

test('what is no measurement is a problem', (t) => {
  const wrong = [
    '',
    'iperf3: error - unable to connect',
    '{}',
    '[]',
    'null',
    FORWARD.slice(0, -40),
    withValue(['end', 'sum_received', 'bits_per_second'], '1e9'),
    withValue(['end', 'sum_received', 'bits_per_second'], -1),
    withValue(['end', 'sum_received', 'bits_per_second'], null),
    withValue(['start', 'test_start', 'protocol'], 'UDP'),
    withValue(['start', 'test_start', 'reverse'], 2),
    withValue(['end', 'sum_sent'], 'x'),
  ]
  for (const text of wrong) {
    const reading = parseIperf(text)
    t.true('problem' in reading && /^the output of iperf3 cannot be read: ./.test(reading.problem), text)
  }
})

test('no text makes it throw or give a figure that is no number', (t) => {
  const planted = fc.record({
    start: fc.constant({ test_start: { protocol: 'TCP', reverse: 0 } }),
    end: fc.record({
      sum_sent: fc.oneof(fc.jsonValue(), fc.record({ retransmits: fc.jsonValue() })),
      sum_received: fc.oneof(fc.jsonValue(), fc.record({ bits_per_second: fc.jsonValue() })),
      cpu_utilization_percent: fc.oneof(fc.jsonValue(), fc.record({ host_total: fc.jsonValue() })),
    }),
  })
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    planted.map((value) => JSON.stringify(value)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const reading = parseIperf(text)
      if (!isMeasured(reading)) return reading.problem.length > 0 && reading.problem.length < 400
      return Object.values(reading).every((figure) => Number.isFinite(figure) && figure >= 0)
    }),
  )
  t.pass()
})
