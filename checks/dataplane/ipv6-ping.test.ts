import test from 'ava'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { Ipv6PingObservation, Observation, PingError, PingObservation } from '../model/observation.ts'
import { present } from '../model/present.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-ping.ts'

const TO_H2 = { from: { host: 'h1' }, to: { host: 'h2' } }

function ipv6(edited: Partial<Ipv6PingObservation> = {}): Ipv6PingObservation {
  const command = 'ping -6 -n -c 3 -i 0.2 -W 2 fd00:5:0:2::'
  const size = { size: 104, full: false }
  return {
    kind: 'ipv6-ping',
    ...TO_H2,
    address: 'fd00:5:0:2::',
    ...size,
    sent: 3,
    received: 3,
    command,
    ...edited,
  }
}

function ipv4(received: number, pattern: PingObservation['pattern'] = 'hd'): PingObservation {
  const size = { size: 84, full: false }
  return { kind: 'ping', pattern, ...TO_H2, address: '10.2.2.1', ...size, sent: 3, received, command: 'ping' }
}

const seen = (...observations: readonly Observation[]) => ({ ...ipv6Cluster('vxlan'), observations })
const NO_ROUTE = { kind: 'unreachable', text: 'No route', by: 'fd00::1' } as const
/** A ping of 1450 bytes that was not answered. */
function full(error?: PingError, ends: Partial<Ipv6PingObservation> = {}): Ipv6PingObservation {
  return ipv6({ size: 1450, full: true, received: 0, ...ends, ...present({ error }) })
}

const tooLong = (mtu: number, by?: string): PingError => ({
  kind: 'too-long',
  text: 'too big',
  mtu,
  ...present({ by }),
})
const containers = { from: { host: 'h1', container: 'c1' }, to: { host: 'h2', container: 'c2' } }

testCheck(test, check, {
  passes: [
    { name: 'answered', cluster: () => seen(ipv6(), ipv4(3)) },
    { name: 'IPv4 is lost as well', cluster: () => seen(ipv6({ received: 0 }), ipv4(0), ipv4(3, 'hu')) },
    { name: 'full size is answered', cluster: () => seen(ipv6(), ipv6({ size: 1430, full: true })) },
    {
      name: 'more than the VTEP carries is refused',
      cluster: () => seen(ipv6(), full(tooLong(1450, 'fd00::1'))),
    },
    {
      name: 'a ping of full size is lost as a small one',
      cluster: () => seen(ipv6({ received: 0 }), full(), ipv4(0)),
    },
    { name: 'one of three is answered', cluster: () => seen(ipv6({ received: 1 }), ipv4(3)) },
  ],
  fails: [
    {
      name: 'IPv6 alone is lost',
      cluster: () => seen(ipv6({ received: 0 }), ipv4(3)),
      findings: ['h1 lost IPv6 ping h1 to h2'],
    },
    {
      name: 'large ones vanish',
      cluster: () => seen(ipv6(), full()),
      findings: ['h1 too-small IPv6 ping h1 to h2'],
    },
    {
      name: 'large ones are refused by a router',
      cluster: () => seen(ipv6(), full(tooLong(1400, '2001:db8::9'))),
      findings: ['h1 reduced IPv6 ping h1 to h2'],
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

test('what a container was told before leaves it open', (t) => {
  const results = judgedBy(check, seen(ipv6(containers), full(tooLong(1300), containers)))
  t.like(results[0], { outcome: 'inconclusive' })
})
