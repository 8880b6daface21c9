import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import {
  containerAddress,
  withContainer,
  withNetwork,
  withPort,
  withSecondContainer,
} from '../../fixtures/containers-for-tests.ts'
import { withDocker } from '../../fixtures/docker-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { parseAddress } from '../model/address.ts'
import { present } from '../model/present.ts'
import type { Route } from '../model/route.ts'
import { testCheck } from '../tester.ts'
import { check } from './container-gateway.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })

/** h1 with another default gateway in its container, or none. */
function withGateway(cluster: typeof vxlan, gateway?: string): typeof vxlan {
  const told = withContainer(cluster, ({ gateway: _, ...container }) => [
    { ...container, ...present({ gateway }) },
  ])
  return withNetwork(told, 'h1', ({ routes }) => ({
    routes: routes.flatMap((route) => {
      if (route.destination.length > 0) return [route]
      const via = parseAddress(gateway ?? '')
      return via === undefined ? [] : [{ ...route, gateway: via }]
    }),
  }))
}

/** The route that the flannel CNI plugin gives to pods. */
const toNetwork = (cluster: typeof vxlan): typeof vxlan =>
  withNetwork(cluster, 'h1', ({ routes }) => ({
    routes: [
      ...routes,
      {
        ...{ type: 'unicast', table: 'main', metric: 0, flags: [], link: 'eth0', gateway: 0x0a020101 },
        destination: { address: 0x0a020000, length: 16 },
      },
    ],
  }))

const BY_ETH1 = {
  ...{ type: 'unicast', table: 'main', metric: 0, flags: [], link: 'eth1' },
  destination: { address: 0, length: 0 },
}

/** The container with a second network that has its default route, and other routes. */
function twoNetworks(more: readonly Route[]): typeof vxlan {
  const two = withContainer(withGateway(vxlan, '192.0.2.1'), (container) => [
    { ...container, links: [...container.links, { name: 'eth1', mtu: 1500, flags: ['UP'] }] },
  ])
  return withNetwork(two, 'h1', ({ routes }) => ({
    routes: [...routes.filter(({ destination }) => destination.length > 0), BY_ETH1, ...more],
  }))
}

const TOLD = { argv: ['dockerd', '--default-gateway', '10.2.1.254'] }

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    { name: 'recorded', cluster: () => recordedCluster('v0.6.2-host-gw') },
    {
      name: 'dockerd was told another gateway, a container',
      cluster: () =>
        withDocker(
          withSecondContainer(withGateway(vxlan, '10.2.1.254'), {
            addresses: [containerAddress('10.2.1.254', { address: 0x0a0201fe, length: 24 })],
            gateway: '10.2.1.1',
          }),
          TOLD,
        ),
    },
    {
      name: 'dockerd was told another gateway, and the bridge has a cable',
      cluster: () =>
        withDocker(
          withPort(withGateway(vxlan, '10.2.1.254'), ({ kind, ...port }) => [
            { ...port, ...present({ kind }) },
            { ...port, index: 16, name: 'eth1' },
          ]),
          TOLD,
        ),
    },
    {
      name: 'two interfaces, the default route by the other',
      cluster: () =>
        withContainer(withGateway(vxlan, '192.0.2.1'), (container) => [
          { ...container, links: [...container.links, { name: 'eth1', mtu: 1500, flags: ['UP'] }] },
        ]),
    },
    {
      name: 'two networks, peers by the own bridge',
      cluster: () =>
        twoNetworks([{ ...BY_ETH1, link: 'eth0', destination: { address: 0x0a020000, length: 16 } }]),
    },
    {
      name: 'a container of another bridge',
      cluster: () => withPort(withGateway(vxlan), (port) => [{ ...port, master: 'br-1' }]),
    },
    {
      name: 'another gateway beside a route to the network',
      cluster: () => toNetwork(withGateway(vxlan, '10.2.1.254')),
    },
    {
      name: 'a container that could not be entered',
      cluster: () =>
        withContainer(withGateway(vxlan), (container) => [{ ...container, problem: 'not permitted' }]),
    },
  ],
  fails: [
    {
      name: 'two networks, peers by the other',
      cluster: () => twoNetworks([]),
      findings: ['h1 by-other-network container h1c1'],
    },
    {
      name: 'the default route has a source of another network',
      cluster: () =>
        withNetwork(vxlan, 'h1', ({ routes }) => ({
          routes: routes.map((route) => ({
            ...route,
            ...(route.destination.length === 0 && { source: 0xac110005 }),
          })),
        })),
      findings: ['h1 other-source container h1c1'],
    },
    {
      name: 'missing beside a route to the network',
      cluster: () => toNetwork(withGateway(vxlan)),
      findings: ['h1 overlay-only container h1c1'],
    },
    {
      name: 'wrong: a default route without a gateway',
      cluster: () =>
        withNetwork(withGateway(vxlan), 'h1', ({ routes }) => ({
          routes: [
            ...routes.filter(({ destination }) => destination.length > 0),
            { ...BY_ETH1, link: 'eth0' },
          ],
        })),
      findings: ['h1 wrong container h1c1'],
    },
    { name: 'missing', cluster: () => withGateway(vxlan), findings: ['h1 missing container h1c1'] },
    {
      name: 'wrong: dockerd was told an address that nothing has',
      cluster: () => withDocker(withGateway(vxlan, '10.2.1.254'), TOLD),
      findings: ['h1 wrong container h1c1'],
    },
    { name: 'wrong', cluster: () => withGateway(vxlan, '10.2.1.254'), findings: ['h1 wrong container h1c1'] },
  ],
})
