/** `replay DIR`: judge a saved state; no host is touched. */

import { exitCode } from '../../../reports/exit-code.ts'
import { runSaved } from '../../run/run-inventory.ts'
import type { ReplayFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats, withoutWords } from '../options/output.ts'
import { judgeSettings } from '../options/run-flags.ts'

/** Judges a saved state as of the time it was saved. Throws InputError when it is not one. */
export async function replay(
  directory: string,
  flags: ReplayFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const output = outputOptions(flags, around)
  await verifyFormats(output)
  const redact = flags.redact === true
  const { report } = await runSaved(directory, judgeSettings(flags), { redact })
  return renderReport(redact ? withoutWords(report) : report, output, exitCode(report))
}
