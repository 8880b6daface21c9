import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { lost, withPings } from '../../fixtures/observations-for-tests.ts'
import type { PingObservation } from '../model/observation.ts'
import { testCheck } from '../tester.ts'
import { check } from './answer.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const udp = buildCluster({ hosts: 2, backend: 'udp' })

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
      cluster: () => withPings(vxlan, answers({ cc: 63, hc: 64 })),
      findings: ['h2 from-host address 10.2.2.2'],
    },
    {
      name: 'the sending host holds the address',
      cluster: () => withPings(vxlan, (ping) => (ping.from.host === 'h1' ? answers({ cc: 64 })(ping) : ping)),
      findings: ['h1 from-host address 10.2.2.2'],
    },
    {
      name: 'udp: one forwarding is missing',
      cluster: () =>
        withPings(udp, (ping) => answers({ cc: 61, hc: 62 })({ ...ping, ttl: (ping.ttl ?? 0) - 2 })),
      findings: ['h2 from-host address 10.2.2.2'],
    },
  ],
})
