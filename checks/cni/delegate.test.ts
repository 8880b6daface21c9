import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import type { CniPlugin } from '../model/cni.ts'
import { testCheck } from '../tester.ts'
import { check } from './delegate.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

const withPlugin = (change: (plugin: CniPlugin) => CniPlugin) => () =>
  withHost(healthy(), 'h2', ({ cni }) => ({
    cni: { ...cni, files: cni.files.map((file) => ({ ...file, plugins: file.plugins.map(change) })) },
  }))

const withDelegate = (changes: Partial<CniPlugin>) =>
  withPlugin(({ delegate, ...plugin }) => ({
    ...plugin,
    ...(delegate && { delegate: { ...delegate, ...changes } }),
  }))

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'recorded k8s-v0.28.9-vxlan', cluster: () => recordedCluster('k8s-v0.28.9-vxlan') },
    { name: 'an MTU that fits', cluster: withDelegate({ mtu: 1400 }) },
    { name: 'another delegate', cluster: withDelegate({ type: 'ptp', isDefaultGateway: false }) },
  ],
  fails: [
    {
      name: 'a delegate that the plugin refuses, whatever else it says',
      cluster: withPlugin((plugin) => ({
        ...plugin,
        ...(plugin.type === 'flannel' && { refused: ['its delegate has ipam'] }),
        ...(plugin.delegate && { delegate: { ...plugin.delegate, mtu: 1500 } }),
      })),
      findings: ['h2 refused /etc/cni/net.d/10-flannel.conflist'],
    },
    {
      name: 'the MTU of the underlay',
      cluster: withDelegate({ mtu: 1500 }),
      findings: ['h2 mtu-too-large /etc/cni/net.d/10-flannel.conflist'],
    },
    {
      name: 'no default gateway',
      cluster: withDelegate({ isDefaultGateway: false }),
      findings: ['h2 without-gateway /etc/cni/net.d/10-flannel.conflist'],
    },
  ],
})
