/** `replay STATE…`: judge saved states; no host is touched. */
import { present } from '../../../checks/model/present.ts'
import { exitCode } from '../../../reports/document/exit-code.ts'
import { judgeSettings, runSaved } from '../../run/run-inventory.ts'
import type { ReplayFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'

/** Judges saved states as of the time they were saved, several as one network. Throws InputError where they are not. */
export async function replay(
  states: readonly string[],
  flags: ReplayFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const plugins = await pluginsOf(flags)
  const output = { ...outputOptions(flags, around), reporters: plugins.reporters }
  await verifyFormats(output)
  const { report } = await runSaved(states, judgeSettings({ ...flags, plugins }), {
    redact: output.redact,
    facts: plugins.facts,
    signal: around.signal,
    ...present({ etcdOf: flags.etcdOf, save: flags.save }),
  })
  return renderReport(report, output, exitCode(report))
}
