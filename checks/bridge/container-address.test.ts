import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import {
  containerAddress,
  withContainer,
  withPort,
  withSecondContainer,
} from '../../fixtures/containers-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import type { Container } from '../model/container-bridge.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './container-address.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const OTHER = containerAddress('172.17.0.2', { address: 0xac110002, length: 16 })
const TWIN = containerAddress('10.2.1.2', { address: 0x0a020102, length: 24 })
const WIDE = containerAddress('10.2.1.2', { address: 0x0a020102, length: 16 })

const STRAY = 0x0a02024d
const besides = (address: number, length: number) => (container: Container) => [
  {
    ...container,
    addresses: [...container.addresses, containerAddress('10.2.2.77', { address, length })],
  },
]

const COMPOSE = { address: 0xac1e_0005, length: 16 }

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 2, backend: 'host-gw' }) },
    { name: 'recorded', cluster: () => recordedCluster('v0.10.0-vxlan') },
    { name: 'no containers', cluster: () => withContainer(vxlan, () => []) },
    {
      name: 'a second container with an address of its own',
      cluster: () =>
        withSecondContainer(vxlan, {
          addresses: [containerAddress('10.2.1.3', { address: 0x0a020103, length: 24 })],
        }),
    },
    {
      name: 'an address of another Docker network, on its bridge',
      cluster: () =>
        withPort(
          withContainer(vxlan, (container) => [{ ...container, addresses: [OTHER] }]),
          (port) => [{ ...port, master: 'br-1' }],
        ),
    },
    {
      name: 'one container found twice',
      cluster: () => withContainer(vxlan, (first) => [first, { ...first, name: 'same' }]),
    },
    {
      name: 'a second address of another Docker network that every host has alike',
      cluster: () =>
        ['h1', 'h2'].reduce(
          (cluster, host) =>
            withHost(cluster, host, ({ containers }) => ({
              containers: containers.map((container) => ({
                ...container,
                addresses: [
                  ...container.addresses,
                  { ...OTHER, address: '172.30.0.5', length: 16, prefix: COMPOSE },
                ],
              })),
            })),
          vxlan,
        ),
    },
    {
      name: 'a floating address of the network besides',
      cluster: () => withContainer(vxlan, besides(STRAY, 32)),
    },
    {
      name: 'a container without address',
      cluster: () => withContainer(vxlan, (first) => [{ ...first, addresses: [] }]),
    },
  ],
  fails: [
    {
      name: 'outside-subnet',
      cluster: () => withContainer(vxlan, (container) => [{ ...container, addresses: [OTHER] }]),
      findings: ['h1 outside-subnet container h1c1'],
    },
    {
      name: 'an address of the subnet of another host besides',
      cluster: () => withContainer(vxlan, besides(STRAY, 24)),
      findings: ['h1 outside-subnet container h1c1'],
    },
    {
      name: 'the length of the whole network',
      cluster: () => withContainer(vxlan, (container) => [{ ...container, addresses: [WIDE] }]),
      findings: ['h1 too-wide container h1c1'],
    },
    {
      name: 'duplicate on one host',
      cluster: () => withSecondContainer(vxlan, { addresses: [TWIN] }),
      findings: ['h1 duplicate address 10.2.1.2'],
    },
    {
      name: 'duplicate on two hosts, one of them outside its subnet',
      cluster: () =>
        withHost(vxlan, 'h2', ({ containers }) => ({
          containers: containers.map((container) => ({ ...container, addresses: [TWIN] })),
        })),
      findings: ['h2 duplicate address 10.2.1.2', 'h2 outside-subnet container h2c1'],
    },
  ],
})

test('the other holder is the peer', (t) => {
  const cluster = withHost(vxlan, 'h2', ({ containers }) => ({
    containers: containers.map((container) => ({ ...container, addresses: [TWIN] })),
  }))
  const findings = evaluate(cluster, [check], cluster.window.to).flatMap((result) => result.findings)
  t.is(findings.find(({ code }) => code.endsWith(':duplicate'))?.subject.peer, 'h1')
})

test('a container that could not be looked into, behind a port of the bridge, leaves it open who has what', (t) => {
  const hidden = { links: [], addresses: [], problem: 'not permitted' }
  const judged = (cluster: ClusterSnapshot) => evaluate(cluster, [check], cluster.window.to)[0]
  const { outcome, reason } = judged(withContainer(vxlan, (one) => [{ ...one, ...hidden }])) ?? {}
  t.is(outcome, 'inconclusive')
  t.regex(reason ?? '', /^h1: who is behind \w+ of docker0 was not seen: \w+: not permitted$/)
  t.is(
    judged(withContainer(vxlan, (one) => [one, { ...one, ...hidden, name: 'elsewhere' }]))?.outcome,
    'pass',
  )
})
