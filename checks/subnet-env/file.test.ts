import test from 'ava'
import { buildCluster, withHost, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { present } from '../model/present.ts'
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
    {
      name: 'a folder in its place',
      cluster: () =>
        withoutFact(healthy(), 'h1', {
          name: 'subnetEnv',
          why: 'missing',
          detail: '/run/flannel/subnet.env is a folder: no such file or directory',
        }),
      findings: ['h1 missing subnet.env'],
    },
    {
      name: 'lines that end as on Windows',
      cluster: () =>
        withHost(healthy(), 'h1', ({ subnetEnv }) => ({
          subnetEnv: { ...subnetEnv, hasCarriageReturns: true },
        })),
      findings: ['h1 damaged file /run/flannel/subnet.env'],
    },
    {
      name: 'the file ends after its first line',
      cluster: () =>
        withHost(healthy(), 'h1', ({ subnetEnv: { path, network, otherLines } }) => ({
          subnetEnv: { path, otherLines, ...present({ network }) },
        })),
      findings: ['h1 damaged file /run/flannel/subnet.env'],
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
