import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { link, UDP, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './size.ts'

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => VXLAN },
    { name: 'udp', cluster: () => UDP },
    {
      name: 'containers of a smaller MTU, all alike',
      cluster: () => withHost(VXLAN, 'h1', ({ subnetEnv }) => ({ subnetEnv: { ...subnetEnv, mtu: 1400 } })),
    },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'the host’s end of the veth pair is smaller',
      cluster: () => link('h2', 'vc1', { mtu: 1000 })(VXLAN),
      findings: ['h2 too-large link vc1'],
    },
    {
      name: 'the flannel link is smaller',
      cluster: () => link('h1', 'flannel.1', { mtu: 1300 })(VXLAN),
      findings: ['h1 too-large tunnel'],
    },
  ],
})
