import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import { parsePrefix } from '../model/address.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './subnet.ts'

type BackendName = 'vxlan' | 'host-gw' | 'udp'
const BACKENDS: readonly BackendName[] = ['vxlan', 'host-gw', 'udp']

function withSubnet(backend: BackendName, text: string): ClusterSnapshot {
  const subnet = parsePrefix(text)
  if (!subnet) throw new Error(`${text} is no prefix`)
  return withHost(buildCluster({ hosts: 3, backend }), 'h1', ({ subnetEnv }) => ({
    subnetEnv: { ...subnetEnv, subnet },
  }))
}

testCheck(test, check, {
  passes: [
    ...BACKENDS.map((backend) => ({ name: backend, cluster: () => buildCluster({ hosts: 3, backend }) })),
    ...recordedCases(['v0.6.2-udp', 'v0.7.0-host-gw', 'v0.10.0-vxlan-docker']),
  ],
  fails: [
    ...BACKENDS.map((backend) => ({
      name: `the file of h2 on h1, ${backend}`,
      cluster: () => withSubnet(backend, '10.2.2.1/24'),
      findings: ['h1 differs-from-lease FLANNEL_SUBNET'],
    })),
    {
      name: 'a file from an earlier lease',
      cluster: () => withSubnet('vxlan', '10.2.77.1/24'),
      findings: ['h1 differs-from-lease FLANNEL_SUBNET'],
    },
    {
      name: 'another length',
      cluster: () => withSubnet('vxlan', '10.2.1.1/25'),
      findings: ['h1 differs-from-lease FLANNEL_SUBNET'],
    },
  ],
})

test('the finding names the host whose subnet it is', (t) => {
  const cluster = withSubnet('vxlan', '10.2.2.1/24')
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.regex(
    finding?.message ?? '',
    /10\.2\.2\.1\/24, its lease gives 10\.2\.1\.1\/24; 10\.2\.2\.1\/24 belongs to h2$/,
  )
})
