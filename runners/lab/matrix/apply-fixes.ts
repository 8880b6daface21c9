/** The printed fixes applied to a broken lab: does the network work again? */
import type { FixRow } from '../../../reports/matrix.ts'
import type { Report } from '../../../reports/report.ts'
import { run } from '../../hosts/command/spawn.ts'
import { commandSearchPath } from '../../setup/search-path.js'
import type { LabState } from '../running/state.ts'
import { observe } from './judge-lab.ts'
import { seriousCodes } from './matrix-result.ts'

const COMMAND_MS = 20_000
/** flanneld follows its lease within a second, repairs rules every 5 s and looks at its routes every 10 s. */
const SETTLE_MS = 15_000
/** Faults freeze flanneld so that it repairs nothing behind their back; thawing it is no part of what is to be shown. */
const FROZEN = 'daemon/process-state:paused'

/** What is typed is what a person would paste on the machine of the lab; npm's own path has another `nft`. */
async function typed(command: string): Promise<string | undefined> {
  const argv = ['env', `PATH=${commandSearchPath(process.env.PATH)}`, 'sh', '-c', command]
  const { end, stderr } = await run(argv, { timeoutMs: COMMAND_MS })
  if ('exit' in end && end.exit === 0) return undefined
  return `${command}: ${'exit' in end ? stderr.trim().split('\n')[0] : 'it does not end'}`
}

/** Types the commands of every cause, each once and in their order, and looks at what is still wrong. */
export async function applyFixes(lab: LabState, report: Report, signal: AbortSignal): Promise<FixRow> {
  const commands = [...new Set(report.causes.flatMap(({ fixes }) => fixes.map((fix) => fix.typed)))]
  if (commands.length === 0) return { commands: 0, failed: [], left: seriousCodes(report) }
  const failed: string[] = []
  for (const command of commands) {
    const problem = await typed(command)
    if (problem !== undefined) failed.push(problem)
  }
  const wrong = (seen: Report): readonly string[] => seriousCodes(seen).filter((code) => code !== FROZEN)
  const until = { patienceMs: SETTLE_MS, signal }
  const seen = await observe(lab.name, until, (now) => wrong(now).length === 0)
  return { commands: commands.length, failed, left: wrong(seen) }
}
