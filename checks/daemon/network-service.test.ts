import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { LinkOwners } from '../model/link-owner.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './network-service.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const hostGw = buildCluster({ hosts: 2, backend: 'host-gw' })

function owned(cluster: ClusterSnapshot, owners: Partial<LinkOwners>): ClusterSnapshot {
  return withHost(cluster, 'h1', () => ({ linkOwners: { networkManager: [], networkd: [], ...owners } }))
}

const networkManager = (state: string, link = 'flannel.1'): ClusterSnapshot =>
  owned(vxlan, { networkManager: [{ link, state }] })
const networkd = (cluster: ClusterSnapshot, link: string, more: Partial<LinkOwners> = {}): ClusterSnapshot =>
  owned(cluster, { networkd: [{ link, state: 'configured' }], ...more })

testCheck(test, check, {
  passes: [
    { name: 'neither service', cluster: () => vxlan },
    { name: 'host-gw, neither service', cluster: () => hostGw },
    ...['unmanaged', 'connected (externally)', 'disconnected', 'unavailable'].map((state) => ({
      name: `NetworkManager: ${state}`,
      cluster: () => networkManager(state),
    })),
    { name: 'NetworkManager has the underlay link', cluster: () => networkManager('connected', 'eth0') },
    {
      name: 'networkd leaves it alone',
      cluster: () => owned(vxlan, { networkd: [{ link: 'flannel.1', state: 'unmanaged' }] }),
    },
    {
      name: 'networkd has the underlay link, no route of flannel is on it',
      cluster: () => networkd(vxlan, 'eth0'),
    },
    {
      name: 'ManageForeignRoutes=no',
      cluster: () => networkd(hostGw, 'eth0', { manageForeignRoutes: false }),
    },
  ],
  fails: [
    ...['connected', 'connecting (getting IP configuration)'].map((state) => ({
      name: `network-manager-link: ${state}`,
      cluster: () => networkManager(state),
      findings: ['h1 network-manager-link link flannel.1'],
    })),
    {
      name: 'networkd-link',
      cluster: () => networkd(vxlan, 'flannel.1'),
      findings: ['h1 networkd-link link flannel.1'],
    },
    {
      name: 'foreign-routes',
      cluster: () => networkd(hostGw, 'eth0'),
      findings: ['h1 foreign-routes external link eth0'],
    },
  ],
})

test('a host that shares the files of a machine is not undecided', (t) => {
  const cluster = withoutFact(vxlan, 'h1', { name: 'linkOwners', why: 'not-applicable' })
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'not-applicable')
})
