import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { losing, lost, withPings } from '../../fixtures/observations-for-tests.ts'
import { testCheck } from '../tester.ts'
import { check } from './underlay-ping.ts'

const three = buildCluster({ hosts: 3, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => withPings(three) },
    { name: 'host-gw', cluster: () => withPings(buildCluster({ hosts: 2, backend: 'host-gw' })) },
    {
      name: 'only the overlay is lost',
      cluster: () =>
        withPings(
          three,
          losing('h2', ({ pattern }) => pattern !== 'hu'),
        ),
    },
    {
      name: 'full-size packets of the underlay are lost',
      cluster: () => withPings(three, (ping) => (ping.full ? lost(ping) : ping)),
    },
  ],
  fails: [
    {
      name: 'a host that is off',
      cluster: () =>
        withPings(
          three,
          losing('h2', () => true),
        ),
      findings: ['h2 lost -'],
    },
    {
      name: 'a security group that drops ICMP between the hosts',
      cluster: () => withPings(three, (ping) => (ping.pattern === 'hu' ? lost(ping) : ping)),
      findings: ['- refused -'],
    },
  ],
})
