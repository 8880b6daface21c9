import test from 'ava'
import { buildCluster, withConfig, withHost } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { parseAddress, parsePrefix } from '../model/address.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './config.ts'

function built(config: Partial<NetworkConfig>, version = 'v0.28.9'): ClusterSnapshot {
  return withConfig(buildCluster({ hosts: 1, backend: 'vxlan', version }), config)
}

const address = (text: string): number => parseAddress(text) ?? 0
const network = (text: string) => parsePrefix(text) ?? { address: 0, length: 0 }

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: `default configuration of ${backend}`,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    {
      name: 'a /8 with SubnetLen 20 and a range',
      cluster: () =>
        built({
          network: network('10.0.0.0/8'),
          subnetLength: 20,
          subnetMin: address('10.10.0.0'),
          subnetMax: address('10.99.0.0'),
        }),
    },
    { name: 'a cloud backend', cluster: () => built({ backend: 'unknown', backendType: 'aws-vpc' }) },
    {
      name: 'a /28 with SubnetLen 30',
      cluster: () =>
        built({
          network: network('10.2.0.0/28'),
          subnetLength: 30,
          subnetMin: address('10.2.0.4'),
          subnetMax: address('10.2.0.12'),
        }),
    },
    {
      name: 'room for two subnets only, on v0.9.0 which allows it',
      cluster: () => built({ network: network('10.2.0.0/23'), subnetMax: address('10.2.1.0') }, 'v0.9.0'),
    },
    {
      name: 'IPv6 without a network, which v0.13.0 does not read',
      cluster: () => built({ familyProblem: 'EnableIPv6 is true and IPv6Network is missing' }, 'v0.13.0'),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'family-refused: IPv6 without a network',
      cluster: () => built({ familyProblem: 'EnableIPv6 is true and IPv6Network is missing' }),
      findings: ['- family-refused configuration'],
    },
    {
      name: 'SubnetLength instead of SubnetLen',
      cluster: () => built({ unknownKeys: ['SubnetLength'] }),
      findings: ['- unknown-key key SubnetLength'],
    },
    {
      name: 'a comment',
      cluster: () => built({ unknownKeys: ['Comment'] }),
      findings: ['- foreign-key key Comment'],
    },
    {
      name: 'room for two subnets only',
      cluster: () => built({ network: network('10.2.0.0/23'), subnetMax: address('10.2.1.0') }),
      findings: ['- network-too-small configuration'],
    },
    {
      name: 'subnets of /31',
      cluster: () => built({ subnetLength: 31, subnetMin: address('10.2.0.2') }),
      findings: ['- network-too-small configuration'],
    },
    {
      name: 'SubnetMin off its boundary',
      cluster: () => built({ subnetMin: address('10.2.0.5') }),
      findings: ['- range-unaligned SubnetMin'],
    },
    {
      name: 'SubnetMin above SubnetMax',
      cluster: () => built({ subnetMin: address('10.2.9.0'), subnetMax: address('10.2.3.0') }),
      findings: ['- range-empty configuration'],
    },
    {
      name: 'a backend that is misspelt',
      cluster: () => built({ backend: 'unknown', backendType: 'vxlam' }),
      findings: ['- backend-unknown configuration'],
    },
  ],
})

test('whether a small network is refused is undecided without a version', (t) => {
  const small = built({ network: network('10.2.0.0/23'), subnetMax: address('10.2.1.0') })
  const silent = withHost(small, 'h1', () => ({ flanneld: { processes: [] } }))
  const [result] = evaluate(silent, [check], silent.window.to)
  t.is(result?.outcome, 'inconclusive')
})
