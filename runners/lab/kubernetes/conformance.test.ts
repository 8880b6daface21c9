/** Conformance of a lab of Kubernetes with every action; and that each action can fail. */
import { setTimeout } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { conformanceReport } from '../../conformance/conformance-run.ts'
import { runScenariosOn } from '../../conformance/scenarios/run-scenarios.ts'
import { killGroup } from '../../hosts/command/spawn.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { needs } from '../../test-needs.ts'
import { withLab } from '../build/up.ts'
import type { Abilities } from '../control/host-control.ts'
import { labControl } from '../control/lab-control.ts'
import { judgeLab } from '../matrix/judge-lab.ts'
import { findLab, type LabState } from '../running/state.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
const DEADLINE_MS = 900_000

type Control = Required<Omit<Abilities, 'datastore' | 'growth'>>

/** Clauses that are not met after one scenario, with something broken at the moment at which it matters. */
async function broken(
  lab: LabState,
  scenario: string,
  replace: (real: Control) => Partial<Control>,
): Promise<readonly string[]> {
  const real = labControl(lab.name)
  const control = { ...real, ...replace(real as typeof real & Control) }
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const seen = await runScenariosOn(control, { scenarios: [scenario], signal, say: () => {} })
  return seen.filter(({ status }) => status === 'not-met').map(({ clause }) => clause)
}

async function isHealed(t: ExecutionContext, { name }: LabState): Promise<void> {
  for (let looks = 0; looks < 20 && (await judgeLab(findLab(name))).verdict !== 'healthy'; looks++)
    await setTimeout(500)
  t.is((await judgeLab(findLab(name))).verdict, 'healthy')
}

live('a cluster is conformant with every action', async (t) => {
  t.timeout(DEADLINE_MS)
  await withLab({ kubernetes: true }, async (lab) => {
    const { certificate, conformance } = await conformanceReport(await loadInventory(lab.inventory), {
      profiles: [],
      strict: false,
      acts: true,
      lab,
      collection: { concurrency: 8, signal: AbortSignal.timeout(DEADLINE_MS) },
      say: (line) => t.log(line),
    })
    const open = conformance.flatMap(({ clauses }) => clauses.filter(({ status }) => status !== 'met'))
    t.deepEqual(
      open.map(({ id, status, reason }) => ({ id, status, reason })),
      [],
    )
    t.is(certificate?.verdict, 'conformant')
    const profiles = conformance.map(({ profile }) => profile)
    t.deepEqual(profiles.slice(-2), ['lease-lifecycle', 'resilience'])
    await isHealed(t, lab)
  })
})

live('what a host of a cluster does not do is seen, and the lab is healed of it', async (t) => {
  t.timeout(DEADLINE_MS)
  await withLab({ kubernetes: true }, async (lab) => {
    const pid = lab.hosts[0]?.flanneldPid ?? 0
    const freezing = await broken(lab, 'change-peer-node', ({ cluster }) => ({
      cluster: {
        ...cluster,
        ask: async (request) => {
          if (request.method === 'DELETE') killGroup(pid, 'SIGSTOP')
          return cluster.ask(request)
        },
      },
    }))
    killGroup(pid, 'SIGCONT')
    t.deepEqual(freezing, ['FL-KUBE-25'])
    await isHealed(t, lab)

    const unlinking = await broken(lab, 'lose-vtep', ({ flanneld, cluster }) => ({
      flanneld: {
        ...flanneld,
        start: async (host) => {
          const annotations = { 'flannel.alpha.coreos.com/backend-data': null }
          await cluster.ask({
            method: 'PATCH',
            path: `/api/v1/nodes/${host}`,
            body: { metadata: { annotations } },
          })
          await flanneld.start(host)
        },
      },
    }))
    t.deepEqual(unlinking, ['FL-KUBE-29'])
    await isHealed(t, lab)

    const unrouting = await broken(lab, 'stop-api-server', ({ cluster, commands }) => ({
      cluster: {
        ...cluster,
        stop: async () => {
          await cluster.stop()
          await commands.run('h1', ['ip', 'route', 'del', lab.hosts[1]?.subnet ?? ''])
        },
      },
    }))
    t.deepEqual(unrouting, ['FL-KUBE-32'])
    await isHealed(t, lab)
  })
})
