/** `check`: collect, judge, diagnose, report. */
import { exitCode } from '../../../reports/exit-code.ts'
import { runInventory } from '../../run/run-inventory.ts'
import { followingLost, probing, redacting, saving } from '../../run/steps.ts'
import type { CheckFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats, withoutWords } from '../options/output.ts'
import { collectionSettings, inventoryOf, judgeSettings } from '../options/run-flags.ts'

/** The check command. Throws InputError for wrong flags or a wrong inventory. */
export async function check(flags: CheckFlags, around: Surroundings): Promise<CommandOutput> {
  const output = outputOptions(flags, around)
  await verifyFormats(output)
  const inventory = await inventoryOf(flags, around)
  const probes = flags.probe ? [probing(), followingLost()] : []
  const settings = {
    collection: collectionSettings(flags, around),
    judging: judgeSettings(flags),
    steps: [
      ...probes,
      ...(flags.redact ? [redacting()] : []),
      ...(flags.save === undefined ? [] : [saving(flags.save)]),
    ],
  }
  const { report } = flags.confirm
    ? await (await import('../../run/confirm.ts')).runConfirmed(inventory, settings, probes)
    : await runInventory(inventory, settings)
  return renderReport(flags.redact ? withoutWords(report) : report, output, exitCode(report))
}
