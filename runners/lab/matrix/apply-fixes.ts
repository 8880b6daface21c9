/** The printed fixes applied to a broken lab: does the network work again? */

import type { Report } from '../../../reports/document/report.ts'
import type { FixRow } from '../../../reports/matrix/matrix.ts'
import { run } from '../../hosts/command/spawn.ts'
import { commandSearchPath } from '../../setup/search-path.js'
import type { LabState } from '../running/state.ts'
import { type Look, observe } from './judge-lab.ts'
import { FROZEN, seriousCodes } from './matrix-result.ts'

const COMMAND_MS = 20_000
/** flanneld follows its lease within a second, repairs rules every 5 s and looks at its routes every 10 s; dockerd takes longer to start. */
const SETTLE_MS = 30_000
/** One thing mended shows the next: a host that takes another subnet shows a bridge that is on the former one. */
const MOST_ROUNDS = 4

/** What is typed is what a person would paste on the machine of the lab; npm's own path has another `nft`. */
async function typed(command: string): Promise<string | undefined> {
  const argv = ['env', `PATH=${commandSearchPath(process.env.PATH)}`, 'sh', '-c', command]
  const { end, stderr } = await run(argv, { timeoutMs: COMMAND_MS })
  if ('exit' in end && end.exit === 0) return undefined
  return `${command}: ${'exit' in end ? stderr.trim().split('\n')[0] : 'it does not end'}`
}

/** Commands of the causes that were not typed yet, each once and in their order. */
function newCommands({ causes }: Report, typedBefore: ReadonlySet<string>): readonly string[] {
  const others = causes.filter(({ code }) => code !== FROZEN)
  const commands = new Set(
    (others.length > 0 ? others : causes).flatMap(({ fixes }) => fixes.map((fix) => fix.typed)),
  )
  return [...commands].filter((command) => !typedBefore.has(command))
}

/** Types the commands of every cause, looks at what is still wrong, and types what the next report says of that. */
export async function applyFixes(lab: LabState, report: Report, look: Look): Promise<FixRow> {
  const isFrozenAlone = seriousCodes(report).every((code) => code === FROZEN)
  const wrong = (seen: Report): readonly string[] =>
    seriousCodes(seen).filter((code) => isFrozenAlone || code !== FROZEN)
  const [done, failed] = [new Set<string>(), [] as string[]]
  let [seen, rounds] = [report, 0]
  while (rounds < MOST_ROUNDS) {
    const commands = newCommands(seen, done)
    if (commands.length === 0) break
    rounds += 1
    for (const command of commands) {
      done.add(command)
      const problem = await typed(command)
      if (problem !== undefined) failed.push(problem)
    }
    seen = await observe(lab.name, { ...look, patienceMs: SETTLE_MS }, (now) => wrong(now).length === 0)
    if (wrong(seen).length === 0) break
  }
  return { commands: done.size, rounds, failed, left: wrong(seen) }
}
