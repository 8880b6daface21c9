import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { PolicyRule } from '../model/route.ts'
import { route } from '../model/route-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './reverse-path-filter.ts'

const vxlan = buildCluster({ hosts: 3, backend: 'vxlan' })
const hostGw = buildCluster({ hosts: 3, backend: 'host-gw' })
const TUN0 = '10.2.2.0/24'

/** The cluster with rp_filter of `all` and of each link of h1. */
function filtering(cluster: ClusterSnapshot, all: string, link = '0'): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ sysctls }) => ({
    sysctls: new Map(
      [...sysctls].map(([name, value]) => {
        if (name === 'net.ipv4.conf.all.rp_filter') return [name, all]
        return [name, name.endsWith('.rp_filter') ? link : value]
      }),
    ),
  }))
}

/** The cluster with one more route on h1, before all others. */
function adding(cluster: ClusterSnapshot, destination: string): ClusterSnapshot {
  const first = route(destination, { link: 'tun0' })
  return withHost(cluster, 'h1', ({ routes }) => ({ routes: [first, ...routes] }))
}

function ruled(cluster: ClusterSnapshot, rule: PolicyRule): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ rules }) => ({ rules: [...rules, rule] }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'vxlan, strict everywhere', cluster: () => filtering(vxlan, '1', '1') },
    { name: 'host-gw, strict everywhere', cluster: () => filtering(hostGw, '1', '1') },
    {
      name: 'udp, strict everywhere',
      cluster: () => filtering(buildCluster({ hosts: 3, backend: 'udp' }), '1', '1'),
    },
    {
      name: 'vxlan of v0.6.2, strict everywhere',
      cluster: () => filtering(buildCluster({ hosts: 3, backend: 'vxlan', version: 'v0.6.2' }), '1', '1'),
    },
    {
      name: 'DirectRouting over two underlay subnets, strict everywhere',
      cluster: () =>
        filtering(
          buildCluster({ hosts: 4, backend: 'vxlan', underlays: 2, config: { directRouting: true } }),
          '1',
          '1',
        ),
    },
    {
      name: 'another way back, but the link is down and nothing arrives',
      cluster: () =>
        withHost(filtering(adding(vxlan, TUN0), '1'), 'h1', ({ links }) => ({
          links: links.map((link) => (link.name === 'flannel.1' ? { ...link, flags: [] } : link)),
        })),
    },
    { name: 'another way back, filter off', cluster: () => adding(vxlan, TUN0) },
    { name: 'another way back, loose for all', cluster: () => filtering(adding(vxlan, TUN0), '2', '1') },
    { name: 'another way back, loose on the links', cluster: () => filtering(adding(vxlan, TUN0), '1', '2') },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'strict for all, the subnet of a peer routed elsewhere',
      cluster: () => filtering(adding(vxlan, TUN0), '1'),
      findings: ['h1 strict sysctl net.ipv4.conf.flannel/1.rp_filter'],
    },
    {
      name: 'strict on the link alone',
      cluster: () => filtering(adding(vxlan, TUN0), '0', '1'),
      findings: ['h1 strict sysctl net.ipv4.conf.flannel/1.rp_filter'],
    },
    {
      name: 'the public IP of a peer routed by another link',
      cluster: () => filtering(adding(vxlan, '172.20.0.3/32'), '1'),
      findings: ['h1 strict sysctl net.ipv4.conf.eth0.rp_filter'],
    },
    {
      name: 'host-gw, the subnet of a peer routed elsewhere',
      cluster: () => filtering(adding(hostGw, TUN0), '1'),
      findings: ['h1 strict sysctl net.ipv4.conf.eth0.rp_filter'],
    },
  ],
})

test('policy rules leave the way back open', (t) => {
  const rule = { priority: 100, from: '10.2.0.0/16', table: '100', other: [] }
  const [result] = evaluate(ruled(filtering(adding(vxlan, TUN0), '1'), rule), [check], 0)
  t.is(result?.outcome, 'inconclusive')
  t.is(result?.reason, 'policy rules may decide the way back')
})

test('policy rules say nothing where the way back is right', (t) => {
  const rule = { priority: 100, from: '10.2.0.0/16', table: '100', other: [] }
  t.deepEqual(
    evaluate(ruled(filtering(vxlan, '1'), rule), [check], 0).map(({ outcome }) => outcome),
    ['pass', 'pass', 'pass'],
  )
})
