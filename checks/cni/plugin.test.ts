import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import { testCheck } from '../tester.ts'
import { check } from './plugin.ts'

const healthy = () => buildKubernetes({ hosts: 2, backend: 'vxlan' })

const without = (name: string) => () =>
  withHost(healthy(), 'h2', ({ cni }) => ({
    cni: { ...cni, binaries: (cni.binaries ?? []).filter((one) => one !== name) },
  }))

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    {
      name: 'more than are needed',
      cluster: () =>
        withHost(healthy(), 'h2', ({ cni }) => ({
          cni: { ...cni, binaries: [...(cni.binaries ?? []), 'vlan'] },
        })),
    },
  ],
  fails: ['flannel', 'portmap', 'bridge', 'host-local', 'loopback'].map((name) => ({
    name: `without ${name}`,
    cluster: without(name),
    findings: ['h2 missing /opt/cni/bin'],
  })),
})
