import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './link-forwarding.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const hostGw = buildCluster({ hosts: 2, backend: 'host-gw' })

function set(cluster: ClusterSnapshot, values: Readonly<Record<string, string>>): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ sysctls }) => ({
    sysctls: new Map([...sysctls, ...Object.entries(values)]),
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => hostGw },
    { name: 'udp', cluster: () => buildCluster({ hosts: 2, backend: 'udp' }) },
    {
      name: 'the underlay of an encapsulating backend',
      cluster: () => set(vxlan, { 'net.ipv4.conf.eth0.forwarding': '0' }),
    },
    {
      name: 'forwarding off altogether, which has a finding of its own',
      cluster: () => set(vxlan, { 'net.ipv4.ip_forward': '0', 'net.ipv4.conf.docker0.forwarding': '0' }),
    },
  ],
  fails: [
    {
      name: 'disabled on the VTEP',
      cluster: () => set(vxlan, { 'net.ipv4.conf.flannel.1.forwarding': '0' }),
      findings: ['h1 disabled sysctl net.ipv4.conf.flannel/1.forwarding'],
    },
    {
      name: 'disabled on the container bridge',
      cluster: () => set(vxlan, { 'net.ipv4.conf.docker0.forwarding': '0' }),
      findings: ['h1 disabled sysctl net.ipv4.conf.docker0.forwarding'],
    },
    {
      name: 'disabled on the underlay of host-gw',
      cluster: () => set(hostGw, { 'net.ipv4.conf.eth0.forwarding': '0' }),
      findings: ['h1 disabled sysctl net.ipv4.conf.eth0.forwarding'],
    },
  ],
})

test('links whose setting was not read leave it open', (t) => {
  const cluster = withHost(hostGw, 'h1', () => ({ sysctls: new Map([['net.ipv4.ip_forward', '1']]) }))
  const [result] = evaluate(cluster, [check], 0)
  t.is(result?.outcome, 'inconclusive')
  t.regex(result?.reason ?? '', /docker0\.forwarding was not read/)
})
