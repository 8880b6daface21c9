/** Recorded clusters: saved and read again, redacted, and what their pods and nodes are called. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { clusterIdentity } from '../../checks/expected/cluster-identity.ts'
import { RUN } from '../../reports/run-for-tests.ts'
import { redactState } from '../collect/saved/redact/redact-state.ts'
import { loadState, type SavedState, saveState } from '../collect/saved/saved-state.ts'
import { stateOf, textsOf } from '../collect/saved/state-texts.ts'
import { judge } from './judging/judge.ts'
import { JUDGE_ALL } from './run-inventory.ts'
import { clusterOfState, recordedCluster } from './saved/saved-cluster.ts'

const NAMES = [
  'k8s-v0.28.9-vxlan',
  'k8s-v0.28.9-host-gw',
  'k8s-v0.28.9-vxlan-dual-stack',
  'k8s-v0.28.9-vxlan-node-registered-again',
  'k8s-v0.28.9-vxlan-cni0-former-subnet',
  'k8s-v0.28.9-vxlan-all-facts',
  'k8s-v0.28.9-host-gw-all-facts',
]
const KEY = Buffer.from('a key that is none of a run, 32 b')

const stateNamed = (name: string): SavedState =>
  loadState(fileURLToPath(new URL(`../../fixtures/states/${name}`, import.meta.url)))

/** Codes and subjects of what is found. */
async function told(state: SavedState, text: (one: string) => string): Promise<readonly string[]> {
  const { snapshot } = await clusterOfState(state, 'state')
  return judge(snapshot, { run: RUN, commands: [] }, JUDGE_ALL)
    .results.flatMap(({ findings }) => findings)
    .map(({ code, subject: { host = '', object = '' } }) => `${code} ${text(host)} ${text(object)}`)
    .toSorted()
}

for (const name of NAMES) {
  test(`${name}: saved and read again it is the same, as files and as texts`, (t) => {
    const state = stateNamed(name)
    const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-cluster-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    saveState(join(folder, 'state'), state)
    t.deepEqual(loadState(join(folder, 'state')).datastore, state.datastore)
    const { hosts: _, complete: _complete, ...meta } = state.meta
    t.deepEqual(stateOf(textsOf(state), meta, 'texts').datastore, state.datastore)
  })

  test(`${name}: redacted it has no name of a node, pod or namespace, and the same faults`, async (t) => {
    const state = stateNamed(name)
    const redacted = redactState(state, KEY)
    const texts = [...textsOf(redacted.state).values()].join('\n')
    for (const word of [/(?<![\w.-])h[123](?![\w-])/, /"K8S_POD_NAME","[cd][123]"/, /"name": ?"[cd][123]"/]) {
      t.notRegex(texts, word)
    }
    t.deepEqual(await told(redacted.state, (one) => one), await told(state, redacted.text))
  })
}

test('hosts are nodes by the pods of their flanneld, containers are called as their pods', async (t) => {
  const cluster = await recordedCluster('k8s-v0.28.9-vxlan')
  const { nodeByHost, byHost } = clusterIdentity(cluster)
  t.deepEqual(
    [...nodeByHost].map(([host, { name }]) => [host, name]),
    [
      ['h1', 'h1'],
      ['h2', 'h2'],
      ['h3', 'h3'],
    ],
  )
  t.like(byHost.get('h2'), { identifiedBy: 'node', lease: { key: 'node/h2' } })
  const containers = [...cluster.hosts.values()].flatMap(({ facts }) =>
    facts.containers.known ? facts.containers.value.map(({ name }) => name) : [],
  )
  t.deepEqual(containers, ['default/c1', 'default/c2', 'default/c3'])
})

for (const name of ['k8s-v0.28.9-vxlan-all-facts', 'k8s-v0.28.9-host-gw-all-facts']) {
  test(`${name}: healthy, without a finding above a note`, async (t) => {
    const { snapshot } = await clusterOfState(stateNamed(name), 'state')
    const { verdict, causes } = judge(snapshot, { run: RUN, commands: [] }, JUDGE_ALL)
    t.is(verdict, 'healthy')
    t.deepEqual(
      causes.filter(({ severity }) => severity !== 'info').map(({ code }) => code),
      [],
    )
  })
}
