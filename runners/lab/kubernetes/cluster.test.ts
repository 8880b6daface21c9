/**
 * A cluster with kubelets: up and healthy, seen from its hosts and through `kubectl exec` alike, faults found through
 * kubectl, and nothing of it left when its maker is killed.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { isAsExpected } from '../../../reports/matrix/matrix.ts'
import { type Runner, RunnerError } from '../../hosts/command/runner.ts'
import { killGroup, open, run } from '../../hosts/command/spawn.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import { netnsPrefix } from '../../hosts/netns.ts'
import { kubernetesPrograms } from '../../setup/kubernetes.js'
import { needs } from '../../test-needs.ts'
import { labDown, sweep } from '../build/down.ts'
import { labUp } from '../build/up.ts'
import { heal } from '../faults/heal.ts'
import { findFault, inject, injectedIn } from '../faults/inject.ts'
import { type Ledger, labDirectory, readLedger } from '../ledger/ledger.ts'
import { compareFault, seriousCodes, undecidedOf } from '../matrix/matrix-result.ts'
import { labExec } from '../running/exec.ts'
import { kubectlInventory } from '../running/inventory.ts'
import type { LabState } from '../running/state.ts'
import { type ClusterAdmin, clusterAdmin, MANIFESTS, NAMESPACE } from './cluster-admin-for-tests.ts'
import { writeEntryImage } from './doctor-image-for-tests.ts'
import { fulfilsContract } from './kubectl-contract-for-tests.ts'
import { remainsOf } from './lab-remains-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'busybox', 'kubernetes')
const BIN = join(import.meta.dirname, '../../bin.js')
const MINUTES = 60_000
const name = `cluster-${process.pid}`
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

let lab: LabState
async function clusterUp(t: ExecutionContext): Promise<LabState> {
  t.timeout(10 * MINUTES)
  lab ??= await labUp({ name, kubernetes: 'cluster' })
  t.log(`ready after ${(lab.readyMs / 1000).toFixed(1)} s`)
  return lab
}

/** The built kubectl first in the search path. */
const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
test.before(() => {
  symlinkSync(kubernetesPrograms().cluster('kubectl'), join(folder, 'kubectl'))
  process.env.PATH = `${folder}:${process.env.PATH}`
})
test.after.always(async () => {
  rmSync(folder, { recursive: true })
  await labDown(name)
})

/** With its pods for entering nodes. */
let admin: ClusterAdmin
async function entered(t: ExecutionContext): Promise<LabState> {
  const cluster = await clusterUp(t)
  if (admin !== undefined) return cluster
  const work = join(folder, 'entry')
  mkdirSync(work)
  admin = await clusterAdmin(cluster, { work, manifests: join(MANIFESTS, 'entry'), write: writeEntryImage })
  await admin.kubectl('apply', '--validate=strict', '-k', work)
  await admin.kubectl('-n', NAMESPACE, 'rollout', 'status', 'daemonset', '--timeout=240s')
  return cluster
}

async function doctor(command: string, ...words: readonly string[]): Promise<Report> {
  const argv = [process.execPath, BIN, command, ...words, '--format', 'json', '--deadline', '240']
  const { stdout, stderr } = await run(argv, { timeoutMs: 5 * MINUTES })
  if (stdout.length === 0) throw new Error(stderr)
  return JSON.parse(text(stdout)) as Report
}

/** On a busy machine a command may take longer than it is given: who cannot tell is asked again. */
async function check(inventory: string): Promise<Report> {
  const reports = [await doctor('check', '--inventory', inventory)]
  while (reports.at(-1)?.verdict === 'undecided' && reports.length < 3)
    reports.push(await doctor('check', '--inventory', inventory))
  return reports.at(-1) as Report
}

function isHealthy(t: ExecutionContext, report: Report): void {
  const [found, undecided] = [seriousCodes(report), undecidedOf(report)]
  t.deepEqual({ verdict: report.verdict, found, undecided }, { verdict: 'healthy', found: [], undecided: [] })
  t.deepEqual(
    report.hosts.map(({ name: host }) => host),
    ['h1', 'h2', 'h3'],
  )
  t.true(report.results.filter(({ outcome }) => outcome === 'pass').length > 40)
}

live('its pods reach each other, and it is healthy, seen from its hosts', async (t) => {
  const cluster = await clusterUp(t)
  const pods = cluster.hosts.flatMap(({ containers }) => containers)
  for (const from of pods)
    for (const { address } of pods) {
      const { end } = await labExec(cluster, from.name, { argv: ['ping', '-c1', '-W5', address] })
      t.deepEqual(end, { exit: 0 }, `${from.name} to ${address}`)
    }
  isHealthy(t, await check(cluster.inventory))
})

live(
  'a node is entered by kubectl, and what is stopped ends there; nothing is made in the cluster',
  async (t) => {
    const cluster = await entered(t)
    const kubectl = {
      kubeconfig: cluster.kubernetes?.kubeconfig ?? '',
      prefix: netnsPrefix(cluster.switchNamespace),
    }
    const reach = (via: string): Runner => makeRunner('n', via, { kubectl })
    const podNames = (...words: readonly string[]): Promise<string> =>
      admin.kubectl('get', 'pods', ...words, '-o', 'name')
    const before = await podNames('-A')
    await fulfilsContract(t, reach('kubectl://h1'))
    // Flannel's own pod is a way in as well, and sees less.
    const flannels = (await podNames('-n', 'kube-flannel')).split('\n')[0]?.replace('pod/', 'kube-flannel/')
    await fulfilsContract(t, reach(`kubectl://${flannels}`))
    t.is(await podNames('-A'), before)
    for (const [via, message] of [
      ['kubectl://h9', /no pod of flannel runs on node h9/],
      ['kubectl://kube-flannel/gone', /there is no such pod/],
    ] as const)
      await t.throwsAsync(reach(via).run(['true']), { instanceOf: RunnerError, message })
  },
)

live('by kubectl it is healthy, and packets are followed from pod to pod and to a service', async (t) => {
  const cluster = await entered(t)
  const inventory = kubectlInventory(cluster)
  isHealthy(t, await check(inventory))
  await admin.kubectl('expose', 'pod', 'h2c1', '--port=80')
  for (const [to, via] of [
    ['pod/default/h2c1', inventory],
    ['svc/default/h2c1', cluster.inventory],
  ] as const) {
    const { verdict, traces } = await doctor('trace', 'pod/default/h1c1', to, '--inventory', via)
    t.deepEqual(
      { verdict, answered: traces?.map(({ ping }) => ping.received === ping.sent) },
      {
        verdict: 'healthy',
        answered: [true, true],
      },
    )
  }
})

for (const id of ['fdb-entry-deleted', 'ip-forward-off', 'cni-plugin-missing']) {
  live(`${id} is the first cause by kubectl, alone, and can be undone`, async (t) => {
    const cluster = await entered(t)
    const fault = findFault(id)
    await inject(name, fault, { victim: 'h3', peer: 'h1' })
    const row = { seconds: 0, ...compareFault(fault, await check(kubectlInventory(cluster))) }
    await heal(name)
    t.true(isAsExpected(row), JSON.stringify(row))
    isHealthy(t, await check(kubectlInventory(cluster)))
  })
}

live('a fault whose undoing would start flanneld is refused before anything is done', async (t) => {
  const cluster = await clusterUp(t)
  const aim = { victim: 'h3', peer: 'h1' }
  await t.throwsAsync(inject(name, findFault('node-public-ip-stale'), aim), { message: /its kubelet does/ })
  t.deepEqual(injectedIn(cluster), [])
})

live('taken down, it leaves nothing', async (t) => {
  await clusterUp(t)
  const ledger = readLedger(labDirectory(name)) as Ledger
  await labDown(name)
  t.deepEqual({ folder: existsSync(ledger.directory), rest: remainsOf(ledger) }, { folder: false, rest: [] })
})

live('a maker killed while nodes come up leaves nothing after a sweep', async (t) => {
  t.timeout(10 * MINUTES)
  const killed = `killed-${process.pid}`
  const up = new URL('../build/up.ts', import.meta.url)
  const code = `const { labUp } = await import('${up}'); await labUp({ name: '${killed}', kubernetes: 'cluster', hosts: 2 })`
  const making = await open([process.execPath, '--input-type=module', '-e', code])
  const isAt = (): boolean =>
    readLedger(labDirectory(killed))?.entries.some(
      (one) => one.kind === 'process' && one.role === 'kube-proxy of h2',
    ) === true
  while (!isAt()) await setTimeout(50)
  await setTimeout(4000) // containers are being made
  const ledger = readLedger(labDirectory(killed)) as Ledger
  killGroup(making.pid, 'SIGKILL')
  await making.ended
  await sweep()
  t.deepEqual({ folder: existsSync(ledger.directory), rest: remainsOf(ledger) }, { folder: false, rest: [] })
})
