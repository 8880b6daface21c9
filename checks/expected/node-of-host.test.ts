import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'
import type { FlanneldProcess } from '../model/daemon.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { clusterIdentity } from './cluster-identity.ts'
import { expectedHost } from './expected-host.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

const nodeOf = (cluster: ClusterSnapshot, host: string): string | undefined =>
  clusterIdentity(cluster).nodeByHost.get(host)?.name

/** The healthy cluster whose flanneld on h1 has this environment, and none on h2. */
const withEnvironment = (environment: FlanneldProcess['environment']): ClusterSnapshot =>
  withHost(
    withHost(healthy(), 'h2', () => ({ flanneld: { processes: [] } })),
    'h1',
    ({ flanneld: { processes } }) => ({
      flanneld: { processes: processes.map((process) => ({ ...process, environment })) },
    }),
  )

test('NODE_NAME decides, then the pod of flanneld', (t) => {
  t.is(nodeOf(withEnvironment({ NODE_NAME: 'h2', POD_NAME: 'kube-flannel-ds-h1' }), 'h1'), 'h2')
  const pod = { POD_NAMESPACE: 'kube-flannel', POD_NAME: 'kube-flannel-ds-h2' }
  t.is(nodeOf(withEnvironment(pod), 'h1'), 'h2')
  t.is(nodeOf(withEnvironment({ NODE_NAME: 'gone' }), 'h1'), undefined)
})

test('without flanneld the address of the node tells, and last its name', (t) => {
  t.is(nodeOf(withEnvironment({}), 'h2'), 'h2')
  const renamed = withNodes(withEnvironment({}), (node) => ({ ...node, name: `node-${node.name}` }))
  t.is(nodeOf(renamed, 'h2'), 'node-h2')
  const addressless = withNodes(withEnvironment({}), (node) => ({ ...node, internalIps: [] }))
  t.is(nodeOf(addressless, 'h2'), 'h2')
  // Machines made alike.
  const alike = withNodes(withEnvironment({}), (node) => ({ ...node, internalIps: ['172.20.0.2'] }))
  t.is(nodeOf(alike, 'h2'), 'h2')
})

test('a flanneld that keeps its leases elsewhere than those that were read is not judged by them', (t) => {
  const ofEtcd = withHost(healthy(), 'h1', ({ flanneld: { processes } }) => ({
    flanneld: { processes: processes.map((process) => ({ ...process, argv: ['flanneld'] })) },
  }))
  t.like(expectedHost(ofEtcd, 'h1'), { cause: 'unsupported' })
  const ofKubernetes = withHost(buildCluster({ hosts: 2, backend: 'vxlan' }), 'h1', () => ({
    flanneld: { processes: [{ pid: 7, argv: ['flanneld', '--kube-subnet-mgr'], environment: {} }] },
  }))
  t.like(expectedHost(ofKubernetes, 'h1'), { cause: 'unsupported' })
})
