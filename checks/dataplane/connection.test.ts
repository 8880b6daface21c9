import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { withPings } from '../../fixtures/observations-for-tests.ts'
import { rule, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { diagnose } from '../diagnosis/diagnose.ts'
import { evaluate } from '../evaluate.ts'
import type { ConnectionObservation } from '../model/observation.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { check as forward } from '../netfilter/forward.ts'
import { check as service } from '../path/service.ts'
import { testCheck } from '../tester.ts'
import { check } from './connection.ts'

const three = buildCluster({ hosts: 3, backend: 'vxlan' })

type Reading = Pick<ConnectionObservation, 'state' | 'error' | 'problem'>
type Ends = Pick<ConnectionObservation, 'protocol'> & { readonly a: string; readonly b: string }

/** A cluster whose pings are all answered; `read` tells what came of each connection. */
function tried(read: (ends: Ends) => Reading, cluster = three): ClusterSnapshot {
  const hosts = [...cluster.hosts.keys()]
  const connections = hosts.flatMap((a) =>
    hosts
      .filter((b) => b !== a)
      .flatMap((b) =>
        (['tcp', 'udp'] as const).map(
          (protocol): ConnectionObservation => ({
            kind: 'connection',
            protocol,
            from: { host: a, container: `${a}c1` },
            to: { host: b, container: `${b}c1` },
            address: `10.2.${b.slice(1)}.2`,
            port: 40_000,
            ...read({ protocol, a, b }),
            command: 'exec',
          }),
        ),
      ),
  )
  return withPings(cluster, (ping) => ping, connections)
}

const ANSWERED: Reading = { state: 'answered' }
const LOST: Reading = { state: 'lost' }

testCheck(test, check, {
  passes: [
    { name: 'no connection was tried, since no ping is answered', cluster: () => withPings(three) },
    { name: 'all are answered', cluster: () => tried(() => ANSWERED) },
  ],
  fails: [
    {
      name: 'one direction of one pair',
      cluster: () =>
        tried(({ protocol, a, b }) => (protocol === 'tcp' && a === 'h2' && b === 'h1' ? LOST : ANSWERED)),
      findings: ['h2 tcp-lost TCP'],
    },
    {
      name: 'one host with all others',
      cluster: () =>
        tried(({ protocol, a, b }) => (protocol === 'udp' && [a, b].includes('h3') ? LOST : ANSWERED)),
      findings: ['h3 udp-lost UDP'],
    },
    {
      name: 'every pair',
      cluster: () => tried(({ protocol }) => (protocol === 'tcp' ? LOST : ANSWERED)),
      findings: ['- tcp-lost TCP'],
    },
    {
      name: 'refused although a listener was there',
      cluster: () =>
        tried(({ protocol, b }) =>
          protocol === 'udp' && b === 'h1' ? { state: 'refused', error: 'Connection refused' } : ANSWERED,
        ),
      findings: ['h1 udp-lost UDP'],
    },
    {
      name: 'opened and stalled',
      cluster: () =>
        tried(({ protocol, a, b }) =>
          protocol === 'tcp' && a === 'h1' && b === 'h3' ? { state: 'stalled' } : ANSWERED,
        ),
      findings: ['h1 tcp-stalled TCP'],
    },
  ],
})

test('hosts without a tool to try with are told, and leave nothing open', (t) => {
  const problem = { why: 'not-installed', detail: 'neither perl nor python3 to listen with' } as const
  const cluster = tried(({ b }) => (b === 'h2' ? { problem } : ANSWERED))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.deepEqual(
    result?.findings.map(({ code, severity, message }) => [code, severity, message]),
    [
      [
        'dataplane/connection:not-tried',
        'info',
        'no TCP connection was opened and no UDP sent from h1/h1c1 to h2/h2c1 and 1 more: neither perl nor python3 to listen with',
      ],
    ],
  )
})

test('what could not be tried is open, each reason once', (t) => {
  const problem = { why: 'timed-out', detail: 'the listener did not start in time' } as const
  const cluster = tried(({ b }) => (b === 'h2' ? { problem } : ANSWERED))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.is(result?.reason?.match(/did not start/g)?.length, 2)
})

test('the rule that takes the protocol stands above, one of the other protocol does not', (t) => {
  const dropsUdp = rule('h2', 'FORWARD', '-d 10.2.2.0/24 -p udp -j DROP')(VXLAN)
  for (const [lost, causes] of [
    ['udp', ['path/service:protocol-dropped']],
    ['tcp', ['dataplane/connection:tcp-lost', 'path/service:protocol-dropped']],
  ] as const) {
    const cluster = tried(({ protocol }) => (protocol === lost ? LOST : ANSWERED), dropsUdp)
    const { causes: found } = diagnose(
      evaluate(cluster, [service, check], cluster.window.to).flatMap(({ findings }) => findings),
    )
    t.deepEqual(found.map(({ finding }) => finding.code).sort(), [...causes].sort())
  }
})

test('one rule that drops a protocol is one cause, whichever check names it', (t) => {
  const dropsTcp = rule('h2', 'FORWARD', '-p tcp -j DROP')(VXLAN)
  const cluster = tried(({ protocol }) => (protocol === 'tcp' ? LOST : ANSWERED), dropsTcp)
  const { causes } = diagnose(
    evaluate(cluster, [forward, service, check], cluster.window.to).flatMap(({ findings }) => findings),
  )
  t.deepEqual(
    causes.map(({ finding }) => finding.code),
    ['netfilter/forward:drop-rule'],
  )
})
