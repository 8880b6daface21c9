/** Docker labs on a real engine: containers of different hosts reach each other, and what is broken is found first. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import type { Report } from '../../../reports/document/report.ts'
import { run } from '../../hosts/command/spawn.ts'
import { processesOfLab } from '../../hosts/process-identity.ts'
import { decided } from '../../probe/probed-lab-for-tests.ts'
import { needs } from '../../test-needs.ts'
import { proveOverlay } from '../build/overlay-ping.ts'
import { withLab } from '../build/up.ts'
import { labGrowth } from '../control/lab-growth.ts'
import { askEngine, posted, readEngine } from '../daemons/engine-api.ts'
import { readSubnetKeys } from '../daemons/lab-datastore.ts'
import { heal } from '../faults/heal.ts'
import { findFault, inject } from '../faults/inject.ts'
import { judgeLab } from '../matrix/judge-lab.ts'
import { compareFault, undecidedOf } from '../matrix/matrix-result.ts'
import type { LabOptions } from '../plan/plan.ts'
import { findLab, type LabState } from '../running/state.ts'
import { labStatus } from '../running/status.ts'
import { startTestEngine, stopTestEngine, type TestEngine } from './engine-for-tests.ts'
import { IMAGE_NAME } from './image.ts'
import { labelled } from './labelled.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'docker')
const PROGRAM = fileURLToPath(new URL('../../cli/cli.ts', import.meta.url))
/** A check takes a second; on a machine with forty busy processes it has taken 20. */
const CHECK_MS = 180_000

let engine: TestEngine | undefined

async function engineOfTests(): Promise<TestEngine> {
  engine ??= await startTestEngine()
  process.env.DOCKER_HOST = `unix://${engine.socket}`
  return engine
}

test.after.always(async () => {
  if (engine !== undefined) await stopTestEngine(engine)
})

async function check(lab: LabState, ...flags: readonly string[]): Promise<{ exit: number; report: Report }> {
  const argv = ['check', '--inventory', lab.inventory, '--format', 'json', ...flags]
  const { end, stdout } = await run([process.execPath, PROGRAM, ...argv], { timeoutMs: CHECK_MS })
  return {
    exit: 'exit' in end ? end.exit : -1,
    report: JSON.parse(Buffer.from(stdout).toString('utf8')) as Report,
  }
}

/** The same as on any other lab: the path works both ways, probes say so, and nothing stays in the engine. */
async function tryDockerLab(
  t: ExecutionContext,
  options: LabOptions,
  look: (lab: LabState) => Promise<void> = async () => {},
): Promise<void> {
  const { socket } = await engineOfTests()
  const lab = await withLab({ lab: 'docker', hosts: 2, ...options }, async (up) => {
    await proveOverlay(up, { deadline: performance.now() + 60_000 })
    const { exit, report } = await decided(() => check(up, '--probe'))
    t.is(report.verdict, 'healthy', undecidedOf(report).join('; '))
    t.is(exit, 0)
    const pings = (report.observations ?? []).filter(({ kind }) => kind === 'ping')
    t.true(pings.length >= 2)
    await look(up)
    return up
  })
  t.log(`${lab.backend}: ready after ${(lab.readyMs / 1000).toFixed(2)} s`)
  t.deepEqual(await labelled(socket, lab.token), { containers: [], networks: [] })
  t.deepEqual(processesOfLab(lab.token, []), [])
  t.false(existsSync(lab.directory))
}

/** Of what shows without an action. */
async function conformanceExit(lab: LabState): Promise<number> {
  const argv = ['conformance', '--read-only', '--inventory', lab.inventory]
  const { end } = await run([process.execPath, PROGRAM, ...argv], { timeoutMs: CHECK_MS })
  return 'exit' in end ? end.exit : -1
}

const FAULTS = [
  'forward-drop-chain',
  'route-deleted',
  'fdb-entry-deleted',
  'neighbour-deleted',
  'ip-forward-off',
  'underlay-down',
  'flannel-link-down',
  'bridge-deleted',
  'masquerade-flushed',
  'lease-removed',
]

/** Of these nothing is lost on the way between containers. */
const DELIVERED: ReadonlySet<string> = new Set(['masquerade-flushed'])

/** Injects it on the second host, sees it found and ranked first, undoes it. */
async function findsFault(t: ExecutionContext, lab: LabState, id: string): Promise<void> {
  const fault = findFault(id)
  await inject(lab.name, fault, { victim: 'h2', peer: 'h1' })
  const report = await judgeLab(lab)
  t.is(report.verdict, DELIVERED.has(id) ? 'at-risk' : 'broken', id)
  const { rankedFirst, first } = compareFault(fault, report)
  t.true(rankedFirst, `${id}: ${first}`)
  await heal(lab.name)
}

live('vxlan: healthy with probes, ten faults are found first, and healed', async (t) => {
  await tryDockerLab(t, {}, async (lab) => {
    t.regex(readFileSync(lab.inventory, 'utf8'), /via: docker:\/\/fd-\w+-h1@\/.*\.sock/)
    const daemons = labStatus().find(({ name }) => name === lab.name)?.daemons ?? []
    t.deepEqual(daemons.map(({ role, running }) => `${role} ${running}`).toSorted(), [
      'etcd true',
      'flanneld of h1 true',
      'flanneld of h2 true',
    ])
    t.is(await conformanceExit(lab), 0)
    for (const id of FAULTS) await findsFault(t, lab, id)
    const { report } = await decided(() => check(lab, '--probe'))
    t.is(report.verdict, 'healthy', report.causes.map(({ message }) => message).join('; '))
  })
})

/** A host joins with a lease, everybody reaches it, and nothing of it stays. */
async function growsAndShrinks(t: ExecutionContext, lab: LabState): Promise<void> {
  const { socket } = await engineOfTests()
  const growth = labGrowth(() => findLab(lab.name))
  const name = await growth.add()
  const grown = findLab(lab.name)
  const [key = ''] = grown.hosts
    .filter((host) => host.name === name)
    .map(({ subnet }) => subnet.replace('/', '-'))
  t.true((await readSubnetKeys(grown)).has(`${lab.prefix}/subnets/${key}`))
  t.is((await labelled(socket, lab.token)).containers.length, 4)
  await proveOverlay(grown, { deadline: performance.now() + 60_000 })
  await growth.remove(name)
  t.deepEqual(findLab(lab.name).hosts, lab.hosts)
  t.false((await readSubnetKeys(lab)).has(`${lab.prefix}/subnets/${key}`))
  t.is((await labelled(socket, lab.token)).containers.length, 3)
  t.false(existsSync(`${lab.directory}/${name}`))
}

live('host-gw, where a host joins and leaves', (t) =>
  tryDockerLab(t, { backend: 'host-gw' }, (lab) => growsAndShrinks(t, lab)),
)
live('udp', (t) => tryDockerLab(t, { backend: 'udp' }))
live('vxlan over etcd v2, with two containers per host', (t) =>
  tryDockerLab(t, { etcdApi: 'v2', containersPerHost: 2 }),
)

live('an image of one’s own: here already, so that nothing is pulled', async (t) => {
  const { socket } = await engineOfTests()
  const images = await readEngine<{ RepoTags: string[] }[]>(socket, { method: 'GET', path: '/images/json' })
  const made = images.flatMap(({ RepoTags }) => RepoTags).filter((name) => name.startsWith(IMAGE_NAME))
  t.is(made.length, 1, 'one image serves every lab')
  await askEngine(socket, posted(`/images/${made[0]}/tag?repo=mine&tag=1`))
  await withLab({ lab: 'docker', hosts: 2, image: 'mine:1' }, async (lab) => {
    t.is((await judgeLab(lab)).verdict, 'healthy')
  })
})

live('two docker labs on one engine do not meet', async (t) => {
  await engineOfTests()
  await withLab({ lab: 'docker', hosts: 1 }, async (first) => {
    await withLab({ lab: 'docker', hosts: 1 }, async (second) => {
      t.not(first.endpoint, second.endpoint)
      t.is((await check(first)).report.verdict, 'healthy')
    })
  })
})
