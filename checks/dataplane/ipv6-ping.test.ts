import test from 'ava'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { Ipv6PingObservation, Observation, PingObservation } from '../model/observation.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-ping.ts'

const TO_H2 = { from: { host: 'h1' }, to: { host: 'h2' } }

function ipv6(edited: Partial<Ipv6PingObservation> = {}): Ipv6PingObservation {
  const command = 'ping -6 -n -c 3 -i 0.2 -W 2 fd00:5:0:2::'
  return { kind: 'ipv6-ping', ...TO_H2, address: 'fd00:5:0:2::', sent: 3, received: 3, command, ...edited }
}

function ipv4(received: number, pattern: PingObservation['pattern'] = 'hd'): PingObservation {
  const size = { size: 84, full: false }
  return { kind: 'ping', pattern, ...TO_H2, address: '10.2.2.1', ...size, sent: 3, received, command: 'ping' }
}

const seen = (...observations: readonly Observation[]) => ({ ...ipv6Cluster('vxlan'), observations })
const NO_ROUTE = { kind: 'unreachable', text: 'No route', by: 'fd00::1' } as const
const containers = { from: { host: 'h1', container: 'c1' }, to: { host: 'h2', container: 'c2' } }

testCheck(test, check, {
  passes: [
    { name: 'answered', cluster: () => seen(ipv6(), ipv4(3)) },
    { name: 'IPv4 is lost as well', cluster: () => seen(ipv6({ received: 0 }), ipv4(0), ipv4(3, 'hu')) },
    { name: 'one of three is answered', cluster: () => seen(ipv6({ received: 1 }), ipv4(3)) },
  ],
  fails: [
    {
      name: 'IPv6 alone is lost',
      cluster: () => seen(ipv6({ received: 0 }), ipv4(3)),
      findings: ['h1 lost IPv6 ping h1 to h2'],
    },
    {
      name: 'that of containers alone',
      cluster: () => seen(ipv6(), ipv6({ ...containers, received: 0, error: NO_ROUTE }), ipv4(3)),
      findings: ['h1 lost IPv6 ping h1/c1 to h2/c2'],
    },
  ],
})

test('a ping that could not be sent leaves it open', (t) => {
  const problem = { why: 'not-installed', detail: 'ping: not found' } as const
  const results = judgedBy(check, seen(ipv6({ sent: 0, received: 0, problem })))
  t.like(results[0], { outcome: 'inconclusive' })
})
