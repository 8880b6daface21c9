import test from 'ava'
import { annotationPrefix } from './flannel-nodes.ts'
import { kubernetesFacts } from './kubernetes-facts.ts'
import { configMapObject, kubernetesReading, nodeObject } from './reading.ts'

const OWN = 'flannel.alpha.coreos.com/'

/** A node as the API has it, with flannel's annotations under a prefix. */
function node(
  name: string,
  podCIDR: string,
  { prefix = OWN, ...annotations }: Record<string, string>,
): object {
  const named = Object.entries(annotations).map(([word, value]) => [`${prefix}${word}`, value])
  const metadata = {
    name,
    annotations: { ...Object.fromEntries(named), 'vault.example.com/token': 'canary' },
  }
  return { metadata, spec: { podCIDR }, status: {} }
}

const VXLAN = {
  'kube-subnet-manager': 'true',
  'backend-type': 'vxlan',
  'backend-data': '{"VNI":1,"VtepMAC":"0E:2A:00:00:00:01"}',
  'public-ip': '192.0.2.11',
}

const facts = (nodes: readonly object[], words = {}, configmaps: readonly object[] = []) =>
  kubernetesFacts(
    kubernetesReading.parse({
      kind: 'kubernetes',
      server: 'https://192.0.2.1:6443',
      resources: { nodes: { items: nodes }, configmaps: { items: configmaps } },
    }),
    words,
  )

test('a managed node is a lease, any other is none', (t) => {
  const { leases } = facts([
    node('a', '10.244.0.0/24', VXLAN),
    node('b', '10.244.1.0/24', {}),
    node('c', '10.244.2.0/24', { ...VXLAN, 'kube-subnet-manager': 'false' }),
  ])
  t.deepEqual(leases.known && leases.value, {
    leases: [
      {
        key: 'node/a',
        node: 'a',
        subnet: { address: 0x0af40000, length: 24 },
        publicIp: 0xc000020b,
        backendType: 'vxlan',
        vtepMac: '0e:2a:00:00:00:01',
        vni: 1,
        revision: 0,
      },
    ],
    unreadable: [],
  })
})

test('a node that peers would skip says why', (t) => {
  const { 'public-ip': _, ...withoutIp } = VXLAN
  const { leases } = facts([
    node('a', '10.244.0.0/24', withoutIp),
    node('b', '10.244.1.0/24', { ...VXLAN, 'public-ip': 'eth0' }),
    node('c', '10.244.2.0/24', { ...VXLAN, 'backend-data': '{' }),
    node('d', 'fd00::/64', VXLAN),
  ])
  t.deepEqual(
    leases.known && leases.value.unreadable.map(({ key, problem }) => `${key}: ${problem.slice(0, 49)}`),
    [
      'node/a: it has no annotation public-ip',
      'node/b: its annotation public-ip "eth0" is not an IPv4 ad',
      'node/c: not JSON at its end, which comes too early: after',
      'node/d: it has no IPv4 podCIDR',
    ],
  )
})

test('host-gw has null for data', (t) => {
  const { leases } = facts([
    node('a', '10.244.0.0/24', { ...VXLAN, 'backend-type': 'host-gw', 'backend-data': 'null' }),
  ])
  t.like(leases.known && leases.value.leases[0], { backendType: 'host-gw', publicIp: 0xc000020b })
})

test('the prefix is that of the running flanneld, else the usual one, else what is there', (t) => {
  t.is(annotationPrefix('flannel.alpha.coreos.com'), OWN)
  t.is(annotationPrefix('example.com/flannel'), 'example.com/flannel-')
  t.is(annotationPrefix('example.com/flannel-'), 'example.com/flannel-')
  const other = node('a', '10.244.0.0/24', { ...VXLAN, prefix: 'example.com/flannel-' })
  const names = (words: object, ...nodes: readonly object[]) => {
    const { kubernetes } = facts(nodes, words)
    return kubernetes.known && [kubernetes.value.annotationPrefix, kubernetes.value.nodes[0]?.otherPrefixes]
  }
  t.deepEqual(names({}, other), ['example.com/flannel-', []])
  t.deepEqual(names({}, other, node('b', '10.244.1.0/24', VXLAN)), [OWN, ['example.com/flannel-']])
  t.deepEqual(names({ annotationPrefix: 'example.com/flannel' }, other), ['example.com/flannel-', []])
})

const netConf = (network: string) => `{"Network":"${network}","Backend":{"Type":"vxlan"}}`
const map = (namespace: string, network: string) => ({
  metadata: { name: 'kube-flannel-cfg', namespace },
  data: { 'net-conf.json': netConf(network) },
})

test('of ConfigMaps that an upgrade left that counts which a flanneld reads, and its file before one that none reads', (t) => {
  const both = [map('kube-system', '10.1.0.0/16'), map('kube-flannel', '10.2.0.0/16')]
  const network = (text: string | undefined, maps = both) => {
    const from = { host: 'h1', section: 'netConf', command: 'cat' }
    const { config } = facts([], text === undefined ? {} : { netConf: { text, from } }, maps)
    return config.known && config.value.network.address
  }
  t.is(network(undefined), 0x0a010000)
  t.is(network(netConf('10.2.0.0/16')), 0x0a020000)
  t.is(network(netConf('10.3.0.0/16')), 0x0a030000)
  t.is(network(netConf('10.3.0.0/16'), []), 0x0a030000)
})

test('a ConfigMap that a DaemonSet mounts and that is not there is told, and no other', (t) => {
  const lacked = (missing: readonly string[]) => {
    const template = {
      spec: {
        containers: [{ image: 'ghcr.io/flannel-io/flannel:v0.28.9' }],
        volumes: [{ hostPath: { path: '/run' } }, { configMap: { name: 'kube-flannel-cfg' } }],
      },
    }
    const daemonsets = { items: [{ metadata: { name: 'ds', namespace: 'own' }, spec: { template } }] }
    const resources = { nodes: { items: [] }, configmaps: { items: [], missing }, daemonsets }
    const reading = kubernetesReading.parse({ kind: 'kubernetes', server: 'https://192.0.2.1', resources })
    const { kubernetes } = kubernetesFacts(reading)
    return kubernetes.known && kubernetes.value.daemonSets?.map(({ lackedConfigMap }) => lackedConfigMap)
  }
  t.deepEqual(lacked(['kube-system/kube-flannel-cfg', 'own/kube-flannel-cfg']), ['kube-flannel-cfg'])
  t.deepEqual(lacked(['kube-system/kube-flannel-cfg', 'own/canal-config']), [undefined])
})

test('without a DaemonSet the first configuration counts; any length of podCIDR fits it', (t) => {
  const { config, etcd } = facts([], {}, [
    map('kube-system', '10.1.0.0/16'),
    map('kube-flannel', '10.2.0.0/16'),
  ])
  t.like(config, { known: true, value: { network: { address: 0x0a010000 }, subnetLength: 24 } })
  t.like(etcd, { known: false, why: 'not-applicable' })
  t.like(facts([]).config, { known: false, why: 'missing' })
})

test('nothing is kept that flannel has no part in', (t) => {
  const kept = nodeObject.parse(node('a', '10.244.0.0/24', VXLAN))
  t.false(JSON.stringify(kept).includes('canary'))
  const psk = { 'net-conf.json': '{"Backend":{"Type":"wireguard","PSK":"canary"}}', other: 'canary' }
  const map = configMapObject.parse({ metadata: { name: 'x' }, data: psk })
  t.false(JSON.stringify(map).includes('canary'))
})

test('what stands where an address of a node should is left out unless it is one', (t) => {
  const addresses = ['192.0.2.11', 'fd00::b', '\u001b[2J', '$(id)', ''].map((address) => ({
    type: 'InternalIP',
    address,
  }))
  const { kubernetes } = facts([{ ...node('a', '10.244.0.0/24', VXLAN), status: { addresses } }])
  t.deepEqual(kubernetes.known && kubernetes.value.nodes.map(({ internalIps }) => internalIps), [
    ['192.0.2.11', 'fd00::b'],
  ])
})
