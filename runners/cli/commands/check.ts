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
  const { report } = await runInventory(await inventoryOf(flags, around), {
    collection: collectionSettings(flags, around),
    judging: judgeSettings(flags),
    steps: [
      ...(flags.probe ? [probing(), followingLost()] : []),
      ...(flags.redact ? [redacting()] : []),
      ...(flags.save === undefined ? [] : [saving(flags.save)]),
    ],
  })
  return renderReport(flags.redact ? withoutWords(report) : report, output, exitCode(report))
}
