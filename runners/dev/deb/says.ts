/** Lines of shell typed in a Debian, and what they must print. */
import type { CommandResult } from '../../hosts/command/runner.ts'

/** A line and what it must print. */
export type Step = readonly [line: string, expected: RegExp]

/** Types it; true where it prints that and ends with 0. */
export async function says(
  type: (line: string) => Promise<CommandResult>,
  [line, expected]: Step,
  print: (line: string) => void,
): Promise<boolean> {
  const { end, stdout, stderr, ms } = await type(line)
  const text = Buffer.from(stdout).toString('utf8')
  const isGood = 'exit' in end && end.exit === 0 && expected.test(text)
  print(`${isGood ? 'as expected' : 'NOT AS EXPECTED'}  ${(ms / 1000).toFixed(1)} s  ${line.split('\n')[0]}`)
  if (!isGood) print(`${JSON.stringify(end)}\n${text.slice(-3000)}${stderr.slice(-3000)}`)
  return isGood
}
