/** Clusters of Kubernetes in which nothing is wrong, however they are set up: no finding above a note. */
import test from 'ava'
import { evaluate } from '../../checks/evaluate.ts'
import type { KubernetesNode } from '../../checks/model/node.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { CHECKS } from '../../checks/registry.ts'
import { BUILT_AT, withDatastore, withHost } from '../../fixtures/build.ts'
import { buildCanal } from '../../fixtures/build-canal.ts'
import { buildKubernetes, withNodes } from '../../fixtures/build-kubernetes.ts'

const healthy = () => buildKubernetes({ hosts: 3, backend: 'vxlan' })
const HOSTS = ['h1', 'h2', 'h3']

/** The healthy cluster with one node more, of which no host is known. */
function withNode(more: Partial<KubernetesNode>): ClusterSnapshot {
  const cluster = healthy()
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) throw new Error('the cluster is none of Kubernetes')
  const node = {
    ...{ name: 'h4', podCidrs: [], annotations: {}, otherPrefixes: [], internalIps: ['172.20.0.9'] },
    ...{ externalIps: [], conditions: [], createdAt: BUILT_AT / 1000 - 10 },
    ...more,
  }
  const nodes = [...kubernetes.value.nodes, node]
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, nodes } })
}

/** h2 behind NAT: its peers send to the address that it is told to publish. */
function behindNat(): ClusterSnapshot {
  const overwrite = '198.51.100.2'
  const published = withNodes(healthy(), (node) => {
    const annotations = { ...node.annotations, publicIp: overwrite, publicIpOverwrite: overwrite }
    return node.name === 'h2' ? { ...node, externalIps: [overwrite], annotations } : node
  })
  return ['h1', 'h3'].reduce<ClusterSnapshot>(
    (cluster, host) =>
      withHost(cluster, host, ({ fdb }) => ({
        fdb: fdb.map((entry) =>
          entry.destination === '172.20.0.2' ? { ...entry, destination: overwrite } : entry,
        ),
      })),
    published,
  )
}

/** flannel inside k3s: no flanneld, no DaemonSet. */
function k3s(): ClusterSnapshot {
  const cluster = HOSTS.reduce(
    (all, host) => withHost(all, host, () => ({ flanneld: { processes: [] } })),
    healthy(),
  )
  return withNodes(cluster, (node) => ({ ...node, kubeletVersion: 'v1.30.2+k3s1' }))
}

const VARIANTS: Readonly<Record<string, () => ClusterSnapshot>> = {
  vxlan: healthy,
  'host-gw': () => buildKubernetes({ hosts: 3, backend: 'host-gw' }),
  udp: () => buildKubernetes({ hosts: 3, backend: 'udp' }),
  'an older flannel': () => buildKubernetes({ hosts: 3, backend: 'vxlan', version: 'v0.17.0' }),
  'without masquerade': () => buildKubernetes({ hosts: 3, backend: 'vxlan', ipMasq: false }),
  'a node behind NAT': behindNat,
  'a node that has just joined': () => withNode({}),
  'a node that is being removed': () => withNode({ isLeaving: true, createdAt: 0 }),
  'a virtual node': () => withNode({ isVirtual: true, createdAt: 0 }),
  'nodes with another InternalIP': () =>
    withNodes(healthy(), (node) => ({ ...node, internalIps: [`10.99.0.${node.name.slice(1)}`] })),
  'two of three hosts looked at': () => {
    const cluster = healthy()
    return { ...cluster, complete: false, hosts: new Map([...cluster.hosts].slice(0, 2)) }
  },
  'nodes that have no conditions': () => withNodes(healthy(), (node) => ({ ...node, conditions: [] })),
  k3s,
  'canal: no bridge, a route for each pod': buildCanal,
}

for (const [name, cluster] of Object.entries(VARIANTS)) {
  test(`${name}: no finding above a note, no error`, (t) => {
    const results = evaluate(
      cluster(),
      CHECKS.filter(({ observes }) => observes === undefined),
      BUILT_AT,
    )
    const found = results.flatMap(({ findings }) => findings).filter(({ severity }) => severity !== 'info')
    t.deepEqual(
      found.map(({ code, message }) => `${code} ${message}`),
      [],
    )
    t.deepEqual(
      results.filter(({ outcome }) => outcome === 'error'),
      [],
    )
    t.true(results.filter(({ outcome }) => outcome === 'pass').length > 120)
  })
}
