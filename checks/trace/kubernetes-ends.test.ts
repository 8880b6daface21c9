import test from 'ava'
import { withDatastore } from '../../fixtures/build.ts'
import { WEB, withServices } from '../../fixtures/build-kube-proxy.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import type { KubernetesStatus } from '../model/node.ts'
import { type AskedPort, isServiceName, kubernetesEnd } from './kubernetes-ends.ts'

const built = withServices(buildKubernetes({ hosts: 3, backend: 'vxlan' }), [])

/** The cluster with the API's answers changed. */
function answering(changes: (status: KubernetesStatus) => Partial<KubernetesStatus>) {
  const { kubernetes } = built.datastore
  if (!kubernetes.known) throw new Error('the cluster is none of Kubernetes')
  return withDatastore(built, { kubernetes: { ...kubernetes.value, ...changes(kubernetes.value) } })
}

const LATE = { namespace: 'default', name: 'late', phase: 'Pending', usesHostNetwork: false, ips: [] }
const cluster = answering(({ pods = [] }) => ({
  pods: [...pods, LATE, { ...LATE, name: 'beyond', node: 'h9' }],
  services: [
    {
      ...WEB,
      ports: [
        ...WEB.ports,
        { name: 'dns', protocol: 'udp', port: 53, endpoints: [{ address: '10.2.3.2', port: 53 }] },
      ],
    },
    {
      ...WEB,
      name: 'kubernetes',
      ports: [{ protocol: 'tcp', port: 443, endpoints: [{ address: '192.0.2.250', port: 6443 }] }],
    },
    { ...WEB, name: 'empty', ports: [{ protocol: 'tcp', port: 80, endpoints: [] }] },
  ],
}))

const CASES: readonly (readonly [words: string, told: object | undefined, asked?: AskedPort])[] = [
  ['h1', undefined],
  ['h1/h1c1', undefined],
  ['10.2.1.2', undefined],
  ['pod/kube-flannel/kube-flannel-ds-h2', { words: 'h2' }],
  [
    'pod/default/late',
    { problem: 'pod default/late (Pending) is on node none, which was not looked at', unknown: true },
  ],
  [
    'pod/beyond',
    { problem: 'pod default/beyond (Pending) is on node h9, which was not looked at', unknown: true },
  ],
  ['pod/default/nobody', { problem: 'there is no pod default/nobody' }],
  ['pod/default/c1:80', { problem: 'pod/default/c1: a port is named by --tcp or --udp' }],
  ['pod/default/c2', { words: 'h2/h2c1' }],
  ['svc/web', { words: '10.2.2.2', packet: { protocol: 'tcp', destinationPort: 8080 } }],
  ['service/default/web:dns', { words: '10.2.3.2', packet: { protocol: 'udp', destinationPort: 53 } }],
  [
    'svc/default/web',
    { words: '10.2.3.2', packet: { protocol: 'udp', destinationPort: 53 } },
    { protocol: 'udp', port: 53 },
  ],
  ['svc/default/web:81', { problem: 'service default/web has no such port; it has tcp 80, udp 53' }],
  ['svc/default/empty', { problem: 'nobody that is ready answers for service default/empty', unknown: true }],
  [
    'svc/default/kubernetes',
    {
      problem:
        'service default/kubernetes is answered at 192.0.2.250:6443: 192.0.2.250 is outside the flannel network 10.2.0.0/16, and no address of a host that was looked at',
    },
  ],
  ['svc/default/none', { problem: 'there is no service default/none with an IPv4 address' }],
]

for (const [words, told, asked] of CASES) {
  test(`${words}${asked === undefined ? '' : ` by ${asked.protocol} ${asked.port}`}`, (t) => {
    t.deepEqual(kubernetesEnd(cluster, words, asked), told as never)
  })
}

test('a pod that was found on a host is called as its container', (t) => {
  const named = { ...cluster, hosts: new Map(cluster.hosts) }
  const host = named.hosts.get('h1')
  if (!host?.facts.containers.known) throw new Error('no containers')
  const value = host.facts.containers.value.map((one) => ({ ...one, name: 'default/c1' }))
  named.hosts.set('h1', {
    ...host,
    facts: { ...host.facts, containers: { ...host.facts.containers, value } },
  })
  t.deepEqual(kubernetesEnd(named, 'pod/default/c1'), { words: 'h1/default/c1' })
})

test('what may not be listed is not known', (t) => {
  const { kubernetes } = built.datastore
  if (!kubernetes.known) throw new Error('the cluster is none of Kubernetes')
  const { pods: _, services: _services, ...rest } = kubernetes.value
  const blind = withDatastore(built, { kubernetes: rest })
  t.like(kubernetesEnd(blind, 'svc/default/web'), { unknown: true })
  t.like(kubernetesEnd(blind, 'pod/default/c9'), { unknown: true })
})

test('services are told from pods and hosts', (t) => {
  t.deepEqual(['svc/a/b', 'services/b', 'pod/a/b', 'server', 'svc'].map(isServiceName), [
    true,
    true,
    false,
    false,
    false,
  ])
})
