/** `conformance`: does this network keep the contract of its flannel? */

import { present } from '../../../checks/model/present.ts'
import { certificateExit } from '../../../reports/certificate/certificate-exit.ts'
import { labOf } from '../../conformance/act.ts'
import { claimedProfiles } from '../../conformance/claimed-profiles.ts'
import { conformanceReport } from '../../conformance/conformance-run.ts'
import type { ConformanceFlags } from '../options/flags.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport, verifyFormats } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'
import { collectionSettings, inventoryOf } from '../options/run-flags.ts'

/** With actions a run takes minutes: it ends after this many seconds unless told otherwise. */
const ACTING_DEADLINE_SECONDS = 1800

/** The conformance command. Throws InputError for wrong flags or a wrong inventory. */
export async function conformance(flags: ConformanceFlags, around: Surroundings): Promise<CommandOutput> {
  const plugins = await pluginsOf(flags)
  const ofPlugins = plugins.clauses.flatMap((clause) => clause.profiles)
  const profiles = claimedProfiles(flags.profile ?? [], [...new Set(ofPlugins)])
  const output = { ...outputOptions(flags, around), reporters: plugins.reporters }
  await verifyFormats(output)
  const inventory = await inventoryOf(flags, around)
  const lab = await labOf(flags.inventory)
  const acts = flags.readOnly !== true && (flags.disruptive === true || lab !== undefined)
  const deadline = flags.deadline ?? (acts ? ACTING_DEADLINE_SECONDS : undefined)
  const report = await conformanceReport(inventory, {
    profiles,
    strict: flags.strict === true,
    acts,
    ...present({ lab }),
    collection: { ...collectionSettings({ ...flags, deadline }, around), facts: plugins.facts },
    plugins,
    say: around.say,
  })
  return renderReport(report, output, certificateExit(report))
}
