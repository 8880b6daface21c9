import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import type { CniConfigFile, CniPlugin } from '../model/cni.ts'
import { testCheck } from '../tester.ts'
import { check } from './config-order.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

/** The healthy cluster with other files on h2; `flannel` stands for its own. */
const withFiles = (edit: (flannel: CniConfigFile) => readonly CniConfigFile[]) => () =>
  withHost(healthy(), 'h2', ({ cni }) => ({
    cni: { ...cni, files: edit(cni.files[0] ?? { name: '', plugins: [] }) },
  }))

const file = (name: string, ...plugins: readonly CniPlugin[]): CniConfigFile => ({
  name,
  network: 'n',
  plugins,
})

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    {
      name: 'a version of CNI that may have come since',
      cluster: withFiles((flannel) => [{ ...flannel, version: '1.2.0' }]),
    },
    {
      name: 'another file behind',
      cluster: withFiles((flannel) => [flannel, file('99-loopback.conf', { type: 'loopback' })]),
    },
    {
      name: 'canal',
      cluster: withFiles(() => [file('10-canal.conflist', { type: 'calico', ipam: 'host-local' })]),
    },
    {
      name: 'multus before flannel',
      cluster: withFiles((flannel) => [file('00-multus.conf', { type: 'multus' }), flannel]),
    },
    {
      name: 'a bridge of its own over the podCIDR',
      cluster: withFiles(() => [file('10-bridge.conf', { type: 'bridge', subnets: ['10.2.2.0/24'] })]),
    },
  ],
  fails: [
    {
      name: "containerd's default before flannel's",
      cluster: withFiles((flannel) => [
        file('10-containerd-net.conflist', { type: 'bridge', subnets: ['10.88.0.0/16'] }),
        flannel,
      ]),
      findings: ['h2 other-first /etc/cni/net.d'],
    },
    { name: 'an empty directory', cluster: withFiles(() => []), findings: ['h2 missing /etc/cni/net.d'] },
    {
      name: 'Cilium alone',
      cluster: withFiles(() => [file('05-cilium.conflist', { type: 'cilium-cni' })]),
      findings: ['h2 missing /etc/cni/net.d'],
    },
    {
      name: 'a version of CNI that there is none of',
      cluster: withFiles((flannel) => [{ ...flannel, version: '0.31' }]),
      findings: ['h2 unknown-version /etc/cni/net.d'],
    },
    {
      name: 'a broken file before it',
      cluster: withFiles((flannel) => [
        { name: '05-old.conf', plugins: [], problem: 'it is no JSON' },
        flannel,
      ]),
      findings: ['h2 unreadable /etc/cni/net.d'],
    },
  ],
})
