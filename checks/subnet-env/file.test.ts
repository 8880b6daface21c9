import test from 'ava'
import { buildCluster, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './file.ts'

const healthy = () => buildCluster({ hosts: 2, backend: 'vxlan' })

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 2, backend }),
    })),
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'the file is gone',
      cluster: () =>
        withoutFact(healthy(), 'h1', { name: 'subnetEnv', why: 'missing', detail: 'no such file' }),
      findings: ['h1 missing subnet.env'],
    },
  ],
})

for (const why of ['not-permitted', 'unparsable', 'timed-out'] as const) {
  test(`a file that is ${why} is not called missing`, (t) => {
    const cluster = withoutFact(healthy(), 'h1', { name: 'subnetEnv', why })
    const result = evaluate(cluster, [check], cluster.window.to).find(({ host }) => host === 'h1')
    t.is(result?.outcome, 'inconclusive')
  })
}
