/** Everything that reads what others wrote, each with good inputs to start from and the errors it may say. */
import { factsFromSections } from '../../collect/collect.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { InputError } from '../../input-error.ts'
import { OTHER_TARGETS } from './other-targets.ts'
import { type FuzzTarget, orEmpty, recorded } from './seeds.ts'
import { USER_FILE_TARGETS } from './user-file-targets.ts'

/** One section's text through the parser of its fact, as a replay does it. */
const factTargets: readonly FuzzTarget[] = FACT_COLLECTORS.map(({ fact }) => ({
  name: `fact ${fact}`,
  seeds: () => orEmpty(recorded(`${fact}.txt`)),
  read: (input) => {
    const section = {
      name: fact,
      command: '',
      stdout: input.toString('utf8'),
      stderr: '',
      end: { exit: 0 },
      ms: 0,
    }
    return factsFromSections({ name: 'h', via: 'local:' }, [section])
  },
}))

export const FUZZ_TARGETS: readonly FuzzTarget[] = [...factTargets, ...OTHER_TARGETS, ...USER_FILE_TARGETS]

/** What is wrong with how a target took an input; undefined when it gave a value or refused it in words. */
export function objection({ read }: FuzzTarget, input: Buffer, mostMs: number): string | undefined {
  const startedAt = process.cpuUsage() // a busy machine makes nobody slow
  try {
    read(input)
  } catch (error) {
    if (!(error instanceof InputError)) return `threw ${error instanceof Error ? error.stack : String(error)}`
  }
  const { user, system } = process.cpuUsage(startedAt)
  const ms = (user + system) / 1000
  if (ms > mostMs) return `took ${Math.round(ms)} ms for ${input.length} bytes`
  return 'polluted' in {} ? 'changed the prototype of every object' : undefined
}
