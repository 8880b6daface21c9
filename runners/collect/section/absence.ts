/** Why a section whose command failed carries no fact. */
import type { ParseProblem, Section } from './section.ts'

/** Exit status of a shell that did not find the command (POSIX, 2.8.2). */
const NOT_FOUND = 127
const LONGEST_DETAIL = 300

const WORDS: readonly { readonly says: RegExp; readonly why: ParseProblem['why'] }[] = [
  { says: /operation not permitted|permission denied|you must be root/i, why: 'not-permitted' },
  { says: /no such file or directory/i, why: 'missing' },
  { says: /not supported|protocol not available/i, why: 'not-applicable' },
]

/** Text of a host as one bounded line: no control characters. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim()
    .slice(0, LONGEST_DETAIL)
}

/** The absence a section's end stands for; undefined when its output is to be parsed. */
export function absence(section: Section, acceptExit: readonly number[]): ParseProblem | undefined {
  const { end } = section
  if ('timedOut' in end) return { why: 'timed-out', detail: `no answer within ${Math.round(section.ms)} ms` }
  if ('truncated' in end)
    return { why: 'unreachable', detail: 'the output stopped before this section ended' }
  if (acceptExit.includes(end.exit)) return undefined
  const said = oneLine(section.stderr)
  if (end.exit === NOT_FOUND)
    return { why: 'not-installed', detail: said === '' ? 'command not found' : said }
  const why = WORDS.find(({ says }) => says.test(section.stderr))?.why ?? 'unparsable'
  return { why, detail: said === '' ? `exit ${end.exit}` : `exit ${end.exit}: ${said}` }
}
