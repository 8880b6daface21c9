/** `check`: collect, judge, diagnose, report. */
import { exitCode } from '../../../reports/exit-code.ts'
import { judgeSettings, runInventory } from '../../run/run-inventory.ts'
import { followingLost, keeping, probing } from '../../run/steps.ts'
import type { CheckFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'

/** The check command. Throws InputError for wrong flags or a wrong inventory. */
export async function check(flags: CheckFlags, around: Surroundings): Promise<CommandOutput> {
  const plugins = await pluginsOf(flags)
  const output = { ...outputOptions(flags, around), reporters: plugins.reporters }
  await verifyFormats(output)
  const inventory = await inventoryOf(flags, around)
  const probes = flags.probe ? [probing(), followingLost()] : []
  const settings = {
    collection: { ...collectionSettings(flags, around), facts: plugins.facts },
    judging: judgeSettings({ ...flags, plugins }),
    steps: [...probes, ...keeping(flags)],
  }
  const { report } = flags.confirm
    ? await (await import('../../run/confirm.ts')).runConfirmed(inventory, settings, probes)
    : await runInventory(inventory, settings)
  return renderReport(report, output, exitCode(report))
}
