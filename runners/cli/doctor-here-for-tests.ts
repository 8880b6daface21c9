/** The command line within this process: grammar, command and report, without a Node started for it. */
import { Command } from 'commander'
import { addCommands } from './grammar.ts'
import type { CommandOutput } from './options/output.ts'

/** What the command prints and its exit status. For files, signals and what ends a process there is `doctor`. */
export async function doctorHere(
  ...argv: readonly string[]
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const said: string[] = []
  let output: CommandOutput | undefined
  const program = new Command('flannel-doctor').exitOverride()
  addCommands(program, {
    say: (line) => void said.push(`${line}\n`),
    signal: new AbortController().signal,
    terminal: { tty: false, width: 100, env: process.env },
    finish: async (work) => {
      output = await work
    },
  })
  await program.parseAsync(argv, { from: 'user' })
  if (output === undefined) throw new Error(`${argv[0]} gave no output`)
  if (output.error !== undefined) said.push(`${(output.error as Error).message}\n`)
  return { exit: output.exit, stdout: output.stdout, stderr: said.join('') }
}
