/** A second look on a lab: what heals itself meanwhile is transient, what stays counts. */
import test from 'ava'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import { labExec } from '../lab/running/exec.ts'
import { needs } from '../test-needs.ts'
import { runConfirmed } from './confirm.ts'
import type { Step } from './step.ts'

const FORWARDING = 'route/forwarding:disabled'

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
  })
})
