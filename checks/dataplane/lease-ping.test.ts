import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import type { PingObservation } from '../model/observation.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './lease-ping.ts'

const three = buildCluster({ hosts: 3, backend: 'vxlan' })

/** h1 alone, with what it hears from the hosts of both other leases: the patterns that are answered. */
function heard(h2: string, h3: string, edit: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  const pings = [h2, h3].flatMap((answered, index) =>
    (['hu', 'hv', 'hd'] as const).map((pattern): PingObservation => {
      const number = index + 2
      const address = { hu: `172.20.0.${number}`, hv: `10.2.${number}.0`, hd: `10.2.${number}.1` }[pattern]
      const received = answered.includes(pattern) ? 3 : 0
      const to = { host: `172.20.0.${number}`, lease: `10.2.${number}.0/24` }
      const from = { host: 'h1' }
      return {
        kind: 'ping',
        pattern,
        from,
        to,
        address,
        size: 84,
        full: false,
        sent: 3,
        received,
        command: 'ping',
      }
    }),
  )
  const plan = {
    kind: 'probe-plan',
    pairs: 0,
    ofPairs: 0,
    leases: { pinged: 2, all: 2 },
    leftOut: [],
  } as const
  const hosts = new Map([...three.hosts].slice(0, 1))
  return { ...three, hosts, complete: false, observations: [plan, ...pings], ...edit }
}

const ALL = 'hu hv hd'
const LEASES = ['h1 lost lease 10.2.2.0/24', 'h1 lost lease 10.2.3.0/24']

testCheck(test, check, {
  passes: [
    { name: 'every lease answers', cluster: () => heard(ALL, ALL) },
    { name: 'the public IPs answer no pings, the overlay does', cluster: () => heard('hv hd', 'hv hd') },
    {
      name: 'a leftover lease where every host was named',
      cluster: () => heard(ALL, '', { complete: true }),
    },
  ],
  fails: [
    { name: 'the tunnel port is dropped', cluster: () => heard('hu', 'hu'), findings: LEASES },
    { name: 'nothing answers at all', cluster: () => heard('', ''), findings: LEASES },
    { name: 'to one of two', cluster: () => heard(ALL, 'hu'), findings: ['h1 lost lease 10.2.3.0/24'] },
    { name: 'one host is gone', cluster: () => heard(ALL, ''), findings: ['h1 silent lease 10.2.3.0/24'] },
    {
      name: 'a bridge that is down',
      cluster: () => heard(ALL, 'hu hv'),
      findings: ['h1 bridge-silent lease 10.2.3.0/24'],
    },
  ],
})
