/** A second look on a lab: what heals itself meanwhile is transient, what stays counts. */
import { setTimeout } from 'node:timers/promises'
import test from 'ava'
import { loadInventory } from '../../inventory/inventory.ts'
import { withLab } from '../../lab/build/up.ts'
import { labExec } from '../../lab/running/exec.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { runInventory } from '../run-inventory.ts'
import type { Step } from '../steps/step.ts'
import { runConfirmed } from './confirm.ts'
import { watchNetwork } from './watch-network.ts'

const FORWARDING = 'route/forwarding:disabled'

/** Writes the configuration as it is, until somebody has seen it. */
async function renew(lab: LabState, signal: AbortSignal): Promise<void> {
  const argv = ['env', 'ETCDCTL_API=3', 'etcdctl', '--endpoints', lab.endpoint]
  while (!signal.aborted) {
    await labExec(lab, 'switch', { argv: [...argv, 'put', `${lab.prefix}/config`, lab.config] })
    await setTimeout(500, undefined, { signal }).catch(() => {})
  }
}

needs(
  test.serial,
  'root',
  'netns',
  'etcd',
  'flanneld',
)('forwarding that is on again in the second look does not count, off it does', async (t) => {
  await withLab({ hosts: 2, backend: 'host-gw' }, async (lab) => {
    const [h1] = lab.hosts
    const inventory = await loadInventory(lab.inventory)
    const collection = { concurrency: 8, signal: AbortSignal.timeout(120_000) }
    /** Behind the collection: the first look is over, the second is to come. */
    const after = (what: () => Promise<unknown>): Step => ({
      level: 'read-only',
      take: async (gathered) => {
        await what()
        return gathered
      },
    })
    const forward = (value: 0 | 1) =>
      labExec(lab, h1?.name ?? '', { argv: ['sysctl', '-qw', `net.ipv4.ip_forward=${value}`] })

    await forward(0)
    const gone = await runConfirmed(inventory, { collection, steps: [after(() => forward(1))] })
    t.deepEqual(
      gone.report.waived?.map(({ code }) => code),
      [FORWARDING],
    )
    t.is(gone.report.verdict, 'healthy')

    await forward(0)
    const stays = await runConfirmed(inventory, { collection })
    t.is(stays.report.causes[0]?.code, FORWARDING)
    t.is(stays.report.waived, undefined)

    const known = await runConfirmed(
      inventory,
      { collection, steps: [after(() => forward(1))] },
      { known: stays.report },
    )
    t.is(known.report.waived, undefined, 'what the look before confirmed is not looked at twice')

    const stop = new AbortController()
    const codes: string[][] = []
    const last = await watchNetwork({
      everyMs: 600_000,
      signal: stop.signal,
      look: () => runInventory(inventory, { collection }),
      tell: async ({ causes }) => {
        codes.push(causes.map(({ code }) => code))
        if (codes.length > 1) return stop.abort()
        await forward(0)
        void renew(lab, stop.signal)
      },
    })
    t.deepEqual(
      [codes[0], codes[1]?.[0]],
      [[], FORWARDING],
      'a change below the prefix leads to the next look',
    )
    t.is(last?.causes[0]?.code, FORWARDING)
  })
})
