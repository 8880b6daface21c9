/** `check`: collect, judge, diagnose, report. */

import { exitCode } from '../../../reports/exit-code.ts'
import type { Report } from '../../../reports/report.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import { type CollectedCluster, collectCluster, type SessionSettings } from '../../run/collect-cluster.ts'
import { interruption } from '../../run/interruption.ts'
import { runFacts } from '../../run/run-facts.ts'
import { judgeSettings } from '../options/judging.ts'
import { type Flags, outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport } from '../options/output.ts'
import { inventoryOf, sessionSettings } from '../options/run-flags.ts'

/** Adds what probes see where the flags allow to send any. */
async function probed(
  collected: CollectedCluster,
  inventory: Inventory,
  { flags, session }: { readonly flags: Flags; readonly session: SessionSettings },
): Promise<CollectedCluster> {
  if (flags.probe !== true) return collected
  const [{ probeCluster }, { sweepHosts }] = await Promise.all([
    import('../../run/probe-cluster.ts'),
    import('../../run/sweep.ts'),
  ])
  const [cluster] = await Promise.all([probeCluster(collected, inventory, session), sweepHosts(inventory)])
  return cluster
}

/** Checks the hosts of an inventory and gives the report. */
export async function checkInventory(
  inventory: Inventory,
  flags: Flags,
  around: Surroundings,
): Promise<Report> {
  const settings = judgeSettings(flags)
  const { only, skip } = settings.selection
  // A wrong selection is refused before anything is collected; without one the checks load while hosts answer.
  if (only.length + skip.length > 0) (await import('../../run/judge.ts')).verifySelection(settings.selection)
  const session = sessionSettings(flags, around)
  const startedAt = Date.now()
  const collecting = collectCluster(inventory, session)
  collecting.catch(() => {}) // awaited below; until then a failure must not count as unheard
  const { judge } = await import('../../run/judge.ts')
  const collected = await probed(await collecting, inventory, { flags, session })
  if (typeof flags.save === 'string') {
    const { saveCluster } = await import('../../run/saved-cluster.ts')
    await saveCluster(flags.save, collected)
  }
  const interrupted = interruption(session.signal)
  return judge(
    collected.snapshot,
    {
      run: runFacts(startedAt, {
        ...(interrupted !== undefined && { interrupted }),
        ...(flags.probe === true && { level: 'probe' }),
      }),
      commands: collected.commands,
    },
    settings,
  )
}

/** The check command. Throws InputError for wrong flags or a wrong inventory. */
export async function check(flags: Flags, around: Surroundings): Promise<CommandOutput> {
  const report = await checkInventory(await inventoryOf(flags, around), flags, around)
  const rendered = await renderReport(report, outputOptions(flags, around))
  return { ...rendered, exit: exitCode(report) }
}
