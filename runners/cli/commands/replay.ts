/** `replay DIR`: judge a saved state; no host is touched. */
import { exitCode } from '../../../reports/exit-code.ts'
import { judge, verifySelection } from '../../run/judge.ts'
import { runFacts } from '../../run/run-facts.ts'
import { loadCluster } from '../../run/saved-cluster.ts'
import { judgeSettings } from '../options/judging.ts'
import { type Flags, outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, renderReport } from '../options/output.ts'

/** Judges a saved state as of the time it was saved. Throws InputError when it is not one. */
export async function replay(directory: string, flags: Flags, around: Surroundings): Promise<CommandOutput> {
  const settings = judgeSettings(flags)
  verifySelection(settings.selection)
  const startedAt = Date.now()
  const { snapshot, recordedAt } = await loadCluster(directory)
  const report = judge(
    snapshot,
    { run: runFacts(startedAt, { recorded: { from: directory, at: recordedAt } }), commands: [] },
    settings,
  )
  return { ...(await renderReport(report, outputOptions(flags, around))), exit: exitCode(report) }
}
