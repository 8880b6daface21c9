import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { lost, withPings } from '../../fixtures/observations-for-tests.ts'
import type { LinkAddress } from '../model/link.ts'
import type { PingObservation } from '../model/observation.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './answer.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const udp = buildCluster({ hosts: 2, backend: 'udp' })

const ADDRESS: LinkAddress = { link: 'lo', family: 'inet', address: '10.2.2.2', length: 32, scope: 'global' }

/** The address of h2's container on a host. */
function heldBy(host: string, cluster: ClusterSnapshot): ClusterSnapshot {
  return withHost(cluster, host, ({ addresses }) => ({ addresses: [...addresses, ADDRESS] }))
}

/** Changes the time to live of the answers for h2's container. */
function answers(ttls: Readonly<Partial<Record<PingObservation['pattern'], number>>>) {
  return (ping: PingObservation): PingObservation => {
    const ttl = ping.to.container === 'h2c1' ? ttls[ping.pattern] : undefined
    return ttl === undefined ? ping : { ...ping, ttl }
  }
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => withPings(vxlan) },
    { name: 'host-gw', cluster: () => withPings(buildCluster({ hosts: 2, backend: 'host-gw' })) },
    {
      name: 'udp, where flanneld counts down at both ends',
      cluster: () => withPings(udp, (ping) => ({ ...ping, ttl: (ping.ttl ?? 0) - 2 })),
    },
    {
      name: 'a container that starts at 128',
      cluster: () => withPings(vxlan, answers({ cc: 126, hc: 127 })),
    },
    { name: 'a router more on the way', cluster: () => withPings(vxlan, answers({ cc: 61, hc: 62 })) },
    { name: 'no answer at all', cluster: () => withPings(vxlan, lost) },
  ],
  fails: [
    {
      name: 'the other host holds the address',
      cluster: () => withPings(heldBy('h2', vxlan), answers({ cc: 63, hc: 64 })),
      findings: ['h2 from-host address 10.2.2.2'],
    },
    {
      name: 'a third host holds the address, which answers as the other one would',
      cluster: () =>
        withPings(heldBy('h3', vxlan), (ping) =>
          ping.from.host === 'h1' ? answers({ cc: 63, hc: 64 })(ping) : ping,
        ),
      findings: ['h3 from-host address 10.2.2.2'],
    },
    {
      name: 'a host that is not in the state, or a rule that redirects',
      cluster: () => withPings(vxlan, answers({ cc: 63, hc: 64 })),
      findings: ['- from-host address 10.2.2.2'],
    },
    {
      name: 'the sending host holds the address',
      cluster: () =>
        withPings(heldBy('h1', vxlan), (ping) =>
          ping.from.host === 'h1' ? answers({ cc: 64 })(ping) : ping,
        ),
      findings: ['h1 from-host address 10.2.2.2'],
    },
    {
      name: 'udp: one forwarding is missing',
      cluster: () =>
        withPings(heldBy('h2', udp), (ping) =>
          answers({ cc: 61, hc: 62 })({ ...ping, ttl: (ping.ttl ?? 0) - 2 }),
        ),
      findings: ['h2 from-host address 10.2.2.2'],
    },
  ],
})
