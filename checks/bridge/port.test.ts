import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { containerAddress, withContainer, withPort } from '../../fixtures/containers-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './port.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const detached = withPort(vxlan, ({ master: _, ...port }) => [port])

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'recorded', cluster: () => recordedCluster('v0.7.0-vxlan') },
    {
      name: 'a routed container with a /32, as Calico makes it',
      cluster: () =>
        withContainer(detached, (container) => [
          { ...container, addresses: [containerAddress('10.2.1.2', { address: 0x0a020102, length: 32 })] },
        ]),
    },
    {
      name: 'a routed container, the gateway on the end of the host',
      cluster: () =>
        withHost(detached, 'h1', ({ addresses }) => ({
          addresses: [
            ...addresses,
            { ...containerAddress('10.2.1.1', { address: 0x0a020101, length: 32 }), link: 'vc1' },
          ],
        })),
    },
    {
      name: 'a container of another network, unattached',
      cluster: () =>
        withContainer(detached, (container) => [
          { ...container, addresses: [containerAddress('172.18.0.2', { address: 0xac120002, length: 16 })] },
        ]),
    },
    {
      name: 'the other end is unknown',
      cluster: () =>
        withContainer(detached, (container) => [
          { ...container, links: container.links.map(({ peerIndex: _, ...link }) => link) },
        ]),
    },
  ],
  fails: [
    { name: 'detached', cluster: () => detached, findings: ['h1 detached link vc1'] },
    {
      name: 'down: the end of the host',
      cluster: () => withPort(vxlan, (port) => [{ ...port, flags: ['BROADCAST'], operstate: 'DOWN' }]),
      findings: ['h1 down link vc1'],
    },
    {
      name: 'down: the end of the container',
      cluster: () =>
        withContainer(vxlan, (container) => [
          { ...container, links: container.links.map((link) => ({ ...link, flags: ['BROADCAST'] })) },
        ]),
      findings: ['h1 down link vc1'],
    },
  ],
})
