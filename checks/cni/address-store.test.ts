import test from 'ava'
import { withDatastore, withHost } from '../../fixtures/build.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './address-store.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

/** The healthy cluster with reservations for so many addresses of h2 from .2 on, or of another network. */
const reserved =
  (count: number, network = 'cbr0', base = '10.2.2') =>
  (): ClusterSnapshot =>
    withHost(healthy(), 'h2', ({ cni }) => ({
      cni: {
        ...cni,
        reservations: [
          ...(base === '10.2.2' && network === 'cbr0' ? [] : cni.reservations),
          ...Array.from({ length: count }, (_, at) => ({
            network,
            address: `${base}.${at + 2}`,
            container: 'c',
          })),
        ],
      },
    }))

/** The same with a pod for each. */
const inUse = (count: number) => (): ClusterSnapshot => {
  const cluster = reserved(count)()
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return cluster
  const ips = Array.from({ length: count }, (_, at) => `10.2.2.${at + 2}`)
  const pod = {
    namespace: 'default',
    name: 'many',
    node: 'h2',
    phase: 'Running',
    usesHostNetwork: false,
    ips,
  }
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, pods: [pod] } })
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'many pods', cluster: inUse(110) },
    { name: 'some that are being taken down', cluster: reserved(20) },
    {
      name: 'nothing is kept where other software keeps the books',
      cluster: () =>
        withHost(reserved(0)(), 'h2', ({ cni }) => ({ cni: { ...cni, delegates: [], results: [] } })),
    },
    { name: 'another network', cluster: reserved(250, 'vlan', '10.2.2') },
    { name: 'a former podCIDR', cluster: reserved(250, 'cbr0', '10.2.9') },
  ],
  fails: [
    {
      name: 'all in use',
      cluster: inUse(253),
      findings: ['h2 full /var/lib/cni/networks/cbr0'],
    },
    {
      name: 'not kept for a pod that runs',
      cluster: reserved(0),
      findings: ['h2 forgotten /var/lib/cni/networks/cbr0'],
    },
    {
      name: 'full of dead ones',
      cluster: reserved(253),
      findings: ['h2 full /var/lib/cni/networks/cbr0'],
    },
    { name: 'leaking', cluster: reserved(100), findings: ['h2 leaking /var/lib/cni/networks/cbr0'] },
  ],
})
