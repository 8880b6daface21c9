/**
 * What scenarios say of hosts that do not keep their clauses: real flanneld, with something broken at the
 * moment at which it matters. Each test leaves the lab healed, by the scenarios or by itself.
 */
import { setTimeout as pause } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import type { ClauseObservation } from '../../../checks/clauses/clause.ts'
import { killGroup } from '../../hosts/command/spawn.ts'
import { type Inventory, loadInventory } from '../../inventory/inventory.ts'
import { withLab } from '../../lab/build/up.ts'
import type { HostControl } from '../../lab/control/host-control.ts'
import { labControl } from '../../lab/control/lab-control.ts'
import { judgeLab } from '../../lab/matrix/judge-lab.ts'
import { findLab, type LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { runScenarios, runScenariosOn } from './run-scenarios.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
const DEADLINE_MS = 400_000

type LabControl = Required<HostControl>

/** Everything but what is replaced is done for real. */
function broken(lab: LabState, replace: (real: LabControl) => Partial<HostControl>): HostControl {
  const real = labControl(lab.name) as LabControl
  return { ...real, ...replace(real) }
}

async function observed(
  control: HostControl,
  scenario: string,
): Promise<ReadonlyMap<string, ClauseObservation>> {
  const signal = AbortSignal.timeout(DEADLINE_MS)
  const seen = await runScenariosOn(control, { scenarios: [scenario], signal, say: () => {} })
  return new Map(seen.map((each) => [each.clause, each]))
}

/** The lab is as it was: what a scenario or a test broke is whole again. */
async function isHealed(t: ExecutionContext, lab: LabState): Promise<void> {
  for (let looks = 0; looks < 20; looks++) {
    if ((await judgeLab(findLab(lab.name))).verdict === 'healthy') break
    await pause(500)
  }
  t.is((await judgeLab(findLab(lab.name))).verdict, 'healthy')
}

function notMet(t: ExecutionContext, seen: ReadonlyMap<string, ClauseObservation>, id: string): string {
  const observation = seen.get(id)
  t.is(observation?.status, 'not-met', `${id}: ${observation?.observed}`)
  return observation?.observed ?? ''
}

live('a frozen flanneld keeps the entries of a lease that is deleted', async (t) => {
  t.timeout(DEADLINE_MS)
  await withLab({}, async (lab) => {
    const pid = lab.hosts[0]?.flanneldPid ?? 0
    const control = broken(lab, ({ datastore }) => ({
      datastore: {
        ...datastore,
        remove: async (key) => {
          killGroup(pid, 'SIGSTOP')
          await datastore.remove(key)
        },
      },
    }))
    const seen = await observed(control, 'remove-peer-lease')
    killGroup(pid, 'SIGCONT')
    t.regex(notMet(t, seen, 'FL-LIFE-08'), /^h1 still has route to 10\.5\.\d+\.0\/24 via /)
    t.regex(notMet(t, seen, 'FL-LIFE-09'), /^h1 still has neighbour .*, FDB entry /)
    await isHealed(t, lab)
  })
})

live('routes, rules and links that are lost are seen, and the lab is healed of it', async (t) => {
  t.timeout(DEADLINE_MS)
  await withLab({}, async (lab) => {
    const [first, , last] = lab.hosts
    const real = labControl(lab.name) as LabControl
    await real.commands.run('h3', ['ip', 'route', 'del', first?.subnet ?? ''])
    const mesh = await observed(real, 'ping-mesh')
    t.regex(notMet(t, mesh, 'FL-VXLAN-25'), /^h\dc1 to h\dc1 with \d+ bytes: 0 of [34] answered/)
    await isHealed(t, lab)

    const flushing = broken(lab, ({ flanneld, commands }) => ({
      flanneld: {
        ...flanneld,
        end: async (host, signal) => {
          await flanneld.end(host, signal)
          await commands.run(host, ['iptables', '-t', 'nat', '-F', 'FLANNEL-POSTRTG'])
        },
      },
    }))
    const terminated = await observed(flushing, 'terminate-flanneld')
    t.regex(notMet(t, terminated, 'FL-RES-06'), /^gone: rule nat -A FLANNEL-POSTRTG /)
    t.is(terminated.get('FL-RES-01')?.status, 'met')
    await isHealed(t, lab)

    const unrouting = broken(lab, ({ etcd, commands }) => ({
      etcd: {
        ...etcd,
        stop: async () => {
          await etcd.stop()
          await commands.run('h1', ['ip', 'route', 'del', last?.subnet ?? ''])
        },
      },
    }))
    const outage = await observed(unrouting, 'stop-etcd')
    t.regex(notMet(t, outage, 'FL-RES-16'), /^h1 lost route 10\.5\.\d+\.0\/24 via /)
    t.is(outage.get('FL-RES-15')?.status, 'met')
    await isHealed(t, lab)
  })
})

live('another VTEP after a restart is seen; a step that fails is undecided with its reason', async (t) => {
  t.timeout(DEADLINE_MS)
  await withLab({}, async (lab) => {
    const unlinking = broken(lab, ({ flanneld, commands }) => ({
      flanneld: {
        ...flanneld,
        end: async (host, signal) => {
          await flanneld.end(host, signal)
          await commands.run(host, ['ip', 'link', 'del', 'flannel.1'])
        },
      },
    }))
    const restarted = await observed(unlinking, 'restart-flanneld')
    t.regex(notMet(t, restarted, 'FL-RES-12'), /^it was flannel\.1 .* and is flannel\.1 /)
    const failing = broken(lab, ({ datastore }) => ({
      datastore: { ...datastore, put: () => Promise.reject(new Error('etcd is full')) },
    }))
    const changed = await observed(failing, 'change-peer-lease')
    t.deepEqual(
      [...changed.values()].map(({ status, observed: words }) => `${status} ${words}`),
      ['undecided change-peer-lease: etcd is full', 'undecided change-peer-lease: etcd is full'],
    )
    await isHealed(t, lab)
  })
})

live('hosts that are no lab offer what systemd does; without it nothing is touched', async (t) => {
  t.timeout(DEADLINE_MS)
  await withLab({ hosts: 2 }, async (lab) => {
    const inventory: Inventory = await loadInventory(lab.inventory)
    const said: string[] = []
    const scenarios = ['ping-mesh', 'terminate-flanneld', 'delete-peer-route', 'no-such']
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const seen = await runScenarios({ inventory, scenarios, signal, say: (line) => said.push(line) })
    t.deepEqual(
      seen.map(({ clause, status }) => `${clause} ${status}`),
      ['FL-VXLAN-25 met', 'FL-VXLAN-26 met'],
    )
    const all = said.join('\n')
    t.regex(all, /^no scenario no-such: not tested$/m)
    t.regex(all, /^terminate-flanneld: not tested, its flanneld cannot be stopped and started from here$/m)
    t.regex(all, /^delete-peer-route: not tested, its hosts are not a lab /m)
    t.deepEqual(
      findLab(lab.name).hosts.map(({ flanneldPid }) => flanneldPid),
      lab.hosts.map(({ flanneldPid }) => flanneldPid),
    )
  })
})
