import test from 'ava'
import { withDatastore, withHost } from '../../fixtures/build.ts'
import { buildKubernetes } from '../../fixtures/build-kubernetes.ts'
import { judgedBy } from '../check-table.ts'
import type { Container } from '../model/container-bridge.ts'
import type { Pod } from '../model/node.ts'
import { testCheck } from '../tester.ts'
import { check } from './pod.ts'

/** The healthy cluster whose containers were found by their links, as on a node without Docker. */
const healthy = () =>
  ['h1', 'h2'].reduce(
    (cluster, host) =>
      withHost(cluster, host, ({ containers }) => ({
        containers: containers.map((one): Container => ({ ...one, foundBy: 'proc' })),
      })),
    buildKubernetes({ hosts: 2, backend: 'vxlan' }),
  )

/** h2 with other containers found. */
const found = (edit: (container: Container) => readonly Container[], cluster = healthy()) =>
  withHost(cluster, 'h2', ({ containers }) => ({ containers: containers.flatMap(edit) }))

const nobody = () => found(() => [])

/** The same with each pod changed. */
function withPods(edit: (pod: Pod) => Pod) {
  const cluster = nobody()
  const { kubernetes } = cluster.datastore
  if (!kubernetes.known) return cluster
  const pods = kubernetes.value.pods?.map(edit) ?? []
  return withDatastore(cluster, { kubernetes: { ...kubernetes.value, pods } })
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: healthy },
    { name: 'a pod that is being removed', cluster: () => withPods((pod) => ({ ...pod, isLeaving: true })) },
    { name: 'a pod that has ended', cluster: () => withPods((pod) => ({ ...pod, phase: 'Succeeded' })) },
    { name: 'a pod of another network', cluster: () => withPods((pod) => ({ ...pod, ips: ['10.9.0.1'] })) },
    {
      name: 'an inventory names containers: the others were not looked for',
      cluster: () => found((one) => [{ ...one, foundBy: 'inventory', addresses: [] }]),
    },
    {
      name: 'routed pods, which the ptp plugin makes',
      cluster: () =>
        withHost(nobody(), 'h2', ({ cni }) => ({
          cni: {
            ...cni,
            files: cni.files.map((file) => ({
              ...file,
              plugins: file.plugins.map((plugin) => ({ ...plugin, delegate: { type: 'ptp' } })),
            })),
          },
        })),
    },
  ],
  fails: [
    { name: 'its link is gone', cluster: nobody, findings: ['h2 unattached pods'] },
    {
      name: 'it has another address',
      cluster: () => found((one) => [{ ...one, addresses: [] }]),
      findings: ['h2 unattached pods'],
    },
  ],
})

test('cni/pod: a network namespace that was not seen leaves it undecided', (t) => {
  const hidden = found((one) => [{ ...one, addresses: [], problem: 'no process was found' }])
  const [h2] = judgedBy(check, hidden).filter(({ host }) => host === 'h2')
  t.is(h2?.outcome, 'inconclusive')
  t.regex(h2?.reason ?? '', /default\/c2 .* was not seen: no process was found/)
})
