import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { withRules } from '../../runners/collect/facts/rules-for-tests.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { testCheck } from '../tester.ts'
import { check } from './forward-policy.ts'

const vxlan = buildCluster({ hosts: 2, backend: 'vxlan' })
const JUMP = '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD'
const ACCEPTS = ['-A FORWARD -s 10.2.0.0/16 -j ACCEPT', '-A FORWARD -d 10.2.0.0/16 -j ACCEPT']
const chain = (...rules: string[]) => withRules(vxlan, '*filter', ':FORWARD DROP [0:0]', ...rules, 'COMMIT')

testCheck(test, check, {
  passes: [
    { name: 'policy ACCEPT', cluster: () => vxlan },
    { name: 'real dockerd', cluster: () => recordedCluster('v0.28.9-vxlan-docker') },
    { name: 'DROP of Docker', cluster: () => chain('-A FORWARD -j DOCKER-USER', JUMP) },
    {
      name: 'DROP of a firewall manager',
      cluster: () => chain('-A FORWARD -j ufw-before-forward', ...ACCEPTS),
    },
    { name: 'DROP that nothing outweighs is for another check', cluster: () => chain() },
  ],
  fails: [
    {
      name: "flannel's jump alone",
      cluster: () => chain(JUMP),
      findings: ['h1 drop-bypassed chain filter/FORWARD'],
    },
    {
      name: "flannel's accepts of v0.10.0 alone",
      cluster: () => chain(...ACCEPTS),
      findings: ['h1 drop-bypassed chain filter/FORWARD'],
    },
  ],
})
