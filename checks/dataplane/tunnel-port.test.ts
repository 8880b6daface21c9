import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { lost, withPings } from '../../fixtures/observations-for-tests.ts'
import { evaluate } from '../evaluate.ts'
import type { TunnelPortObservation } from '../model/observation.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './tunnel-port.ts'

const three = buildCluster({ hosts: 3, backend: 'vxlan' })

type Reading = Pick<TunnelPortObservation, 'state' | 'error' | 'problem'>

/** A cluster without a working overlay; `read` tells what each host heard from each other. */
function asked(read: (from: string, to: string) => Reading): ClusterSnapshot {
  const hosts = [...three.hosts.keys()]
  const ports = hosts.flatMap((from) =>
    hosts
      .filter((to) => to !== from)
      .map((to): TunnelPortObservation => {
        const [address, port] = [`172.20.0.${to.slice(1)}`, 8472]
        const ends = { from: { host: from }, to: { host: to } }
        return { kind: 'tunnel-port', ...ends, address, port, ...read(from, to), command: 'exec' }
      }),
  )
  return withPings(three, (ping) => (ping.pattern === 'hu' ? ping : lost(ping)), ports)
}

const SILENT: Reading = { state: 'open-or-filtered' }
const CLOSED: Reading = { state: 'closed', error: 'Connection refused' }
const PROHIBITED: Reading = { state: 'prohibited', error: 'No route to host' }

testCheck(test, check, {
  passes: [
    { name: 'a working overlay, nothing was asked', cluster: () => withPings(three) },
    { name: 'silence', cluster: () => asked(() => SILENT) },
    {
      name: 'the own kernel has no route, which the underlay pings tell',
      cluster: () => asked(() => ({ state: 'unreachable', error: 'Network is unreachable' })),
    },
  ],
  fails: [
    {
      name: 'closed for everyone',
      cluster: () => asked((_, to) => (to === 'h2' ? CLOSED : SILENT)),
      findings: ['h2 closed UDP port 8472'],
    },
    {
      name: 'closed for one of two',
      cluster: () => asked((from, to) => (from === 'h1' && to === 'h2' ? CLOSED : SILENT)),
      findings: ['h2 closed UDP port 8472'],
    },
    {
      name: 'a firewall that says so',
      cluster: () => asked((_, to) => (to === 'h3' ? PROHIBITED : SILENT)),
      findings: ['h3 prohibited UDP port 8472'],
    },
  ],
})

test('what could not be asked is open', (t) => {
  const problem = { why: 'not-installed', detail: 'bash: not found' } as const
  const cluster = asked((from) => (from === 'h1' ? { problem } : SILENT))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.is(result?.outcome, 'inconclusive')
  t.is(result?.reason, 'no datagram from h1: bash: not found')
})

test('a port that one host finds closed names that host', (t) => {
  const cluster = asked((from, to) => (from === 'h1' && to === 'h2' ? CLOSED : SILENT))
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.deepEqual(
    result?.findings.map(({ subject, message }) => [subject.peer, message]),
    [['h1', 'UDP port 8472 of h2 is closed: 172.20.0.2 answered h1 with "port unreachable"']],
  )
})
