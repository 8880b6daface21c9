import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './offload.ts'

const FEATURE = 'tx-checksum-ip-generic'
const RANDOM = '-j MASQUERADE --random-fully'

interface Given {
  readonly state?: 'on' | 'off'
  readonly release?: string
  readonly masquerades?: readonly string[]
}

/** A host with kube-proxy's and flannel's masquerade, the offload on and a kernel of choice. */
function withOffload({ state = 'on', release = '5.4.38', masquerades }: Given): ClusterSnapshot {
  return withHost(buildCluster({ hosts: 1, backend: 'vxlan' }), 'h1', ({ iptables, kernel }) => ({
    kernel: { ...kernel, release },
    offloads: new Map([['flannel.1', { on: [], off: [], [state]: [FEATURE] }]]),
    iptables: {
      ...iptables,
      rules: (masquerades ?? ['FLANNEL-POSTRTG', 'KUBE-POSTROUTING']).map((chain) => {
        const text = `-A ${chain} ${RANDOM}`
        return { table: 'nat', chain, text, words: text.split(' ') }
      }),
    },
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    ...['5.4.41', '5.6.13-arch1-1', '4.19.123', '4.14.181', '5.7.1', '6.18.3'].map((release) => ({
      name: `kernel ${release}`,
      cluster: () => withOffload({ release }),
    })),
    ...['3.10.0-1127.el7.x86_64', '4.18.0-193.el8.x86_64', '5.4.0-42-generic'].map((release) => ({
      name: `${release}: a distribution's, which does not tell`,
      cluster: () => withOffload({ release }),
    })),
    { name: 'masqueraded once only', cluster: () => withOffload({ masquerades: ['FLANNEL-POSTRTG'] }) },
  ],
  fails: [
    ...['5.4.38', '5.6.12', '4.19.112+', '4.14.177-139.amzn2', '5.5.19', '4.9.220'].map((release) => ({
      name: `kernel-defect: ${release}`,
      cluster: () => withOffload({ release }),
      findings: ['h1 kernel-defect link flannel.1'],
    })),
    {
      name: 'switched-off',
      cluster: () => withOffload({ state: 'off' }),
      findings: ['h1 switched-off link flannel.1'],
    },
  ],
})

test('a host without ethtool is not undecided', (t) => {
  const cluster = withoutFact(withOffload({}), 'h1', { name: 'offloads', why: 'not-applicable' })
  t.is(evaluate(cluster, [check], cluster.window.to)[0]?.outcome, 'not-applicable')
})
