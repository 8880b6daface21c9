/** `replay DIR`: judge a saved state; no host is touched. */
import { exitCode } from '../../reports/exit-code.ts'
import { type Flags, outputOptions, type Surroundings } from '../cli-options.ts'
import { judge, verifySelection } from '../judge.ts'
import { loadCluster } from '../saved-cluster.ts'
import { judgeSettings } from './judging.ts'
import { type CommandOutput, renderReport } from './output.ts'
import { runFacts } from './run-facts.ts'

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
