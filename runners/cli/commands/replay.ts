/** `replay DIR`: judge a saved state; no host is touched. */

import { exitCode } from '../../../reports/exit-code.ts'
import { judgeSettings, runSaved } from '../../run/run-inventory.ts'
import type { ReplayFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'

/** Judges a saved state as of the time it was saved. Throws InputError when it is not one. */
export async function replay(
  directory: string,
  flags: ReplayFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const plugins = await pluginsOf(flags)
  const output = { ...outputOptions(flags, around), reporters: plugins.reporters }
  await verifyFormats(output)
  const { report } = await runSaved(directory, judgeSettings({ ...flags, plugins }), {
    redact: output.redact,
    facts: plugins.facts,
  })
  return renderReport(report, output, exitCode(report))
}
