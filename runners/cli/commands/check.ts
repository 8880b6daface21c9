/** `check`: collect, judge, diagnose, report. */
import { exitCode } from '../../../reports/document/exit-code.ts'
import type { Report } from '../../../reports/document/report.ts'
import type { LoadedPlugins } from '../../plugins/loaded-plugins.ts'
import { type FinishedRun, judgeSettings, runInventory } from '../../run/run-inventory.ts'
import { followingLost, keeping, probing } from '../../run/steps/steps.ts'
import type { CheckFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'

interface Look {
  readonly plugins: LoadedPlugins
  /** The same for all looks of a watch: what a look finds no more is gone, not out of the sample. */
  readonly turn: number
  /** The report of the look before. */
  readonly known?: Report | undefined
}

/** One look, or two. */
async function look(
  flags: CheckFlags,
  around: Surroundings,
  { plugins, turn, known }: Look,
): Promise<FinishedRun> {
  const inventory = await inventoryOf(flags, around)
  const probes = flags.probe ? [probing({ namespace: flags.namespace, turn }), followingLost()] : []
  const settings = {
    collection: { ...collectionSettings(flags, around, inventory.hosts.length), facts: plugins.facts },
    judging: judgeSettings({ ...flags, plugins }),
    steps: [...probes, ...keeping(flags)],
  }
  if (!flags.confirm && flags.watch === undefined) return runInventory(inventory, settings)
  const { runConfirmed } = await import('../../run/repeated/confirm.ts')
  return runConfirmed(inventory, settings, { steps: probes, ...(known && { known }) })
}

/** The check command. Throws InputError for wrong flags or a wrong inventory. */
export async function check(flags: CheckFlags, around: Surroundings): Promise<CommandOutput> {
  const plugins = await pluginsOf(flags)
  const output = { ...outputOptions(flags, around), reporters: plugins.reporters }
  await verifyFormats(output)
  const turn = Date.now()
  if (flags.watch !== undefined) {
    const { watch } = await import('./watch.ts')
    return watch((known) => look(flags, around, { plugins, turn, known }), {
      output,
      around,
      everyMs: flags.watch * 1000,
    })
  }
  const { report } = await look(flags, around, { plugins, turn })
  return renderReport(report, output, exitCode(report))
}
