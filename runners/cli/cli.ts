/**
 * Flags to a command, its output to stdout and files, its verdict to the exit status.
 * No logic: every command is one file in commands/, imported when it is called.
 */
import { Command, CommanderError } from 'commander'
import { printable } from '../../reports/layout/printable.ts'
import { InputError } from '../input-error.ts'
import { LabError } from '../lab/lab-error.ts'
import { maskAccounts } from '../mask-accounts.ts'
import { addCommands } from './grammar.ts'
import { Told } from './options/failed-output.ts'
import type { Surroundings } from './options/options.ts'
import type { CommandOutput } from './options/output.ts'

const BAD_INPUT = 2
const OWN_ERROR = 3
const INTERRUPTED = 130

const interrupt = new AbortController()

// What we write another user may never change, whatever the umask: root does later what a lab's files say.
process.umask(process.umask() | 0o022)

/** One line of progress, to stderr so that stdout stays machine-readable. */
function say(line: string): void {
  process.stderr.write(`${printable(maskAccounts(line))}\n`)
}

/** Why files could not be written, each in a line. */
async function unwritten(files: CommandOutput['files'] = new Map()): Promise<readonly string[]> {
  if (files.size === 0) return []
  const { writeWhole } = await import('../files/write-whole.ts')
  const problems: string[] = []
  for (const [file, content] of files)
    await writeWhole(file, content).catch((error: InputError) => problems.push(error.message))
  return problems
}

/** A file that cannot be written takes nothing else along: a report of minutes is printed first. */
async function deliver({ stdout, files, exit, error }: CommandOutput): Promise<number> {
  const problems = await unwritten(files)
  if (stdout !== '') await new Promise((resolve) => process.stdout.write(stdout, resolve))
  if (error !== undefined) failure(error)
  if (problems.length > 0) throw new InputError(problems.join('; '))
  return exit
}

function failure(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_INPUT
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof InputError || (error instanceof LabError && error.problem === 'usage')) {
    process.stderr.write(`flannel-doctor: ${printable(maskAccounts(message), 2000)}\n`)
    return BAD_INPUT
  }
  process.stderr.write(`flannel-doctor: could not finish: ${printable(maskAccounts(message), 2000)}\n`)
  if (process.env.FLANNEL_DOCTOR_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  return OWN_ERROR
}

async function main(): Promise<number> {
  const program = new Command('flannel-doctor').exitOverride()
  let exit = 0
  const around: Surroundings = {
    say,
    signal: interrupt.signal,
    terminal: { tty: process.stdout.isTTY === true, width: process.stdout.columns || 100, env: process.env },
    screen: {
      tty: process.stderr.isTTY === true,
      columns: process.stderr.columns || 100 /* a terminal of unknown size says 0 */,
      write: (text) => process.stderr.write(text),
    },
    finish: async (output) => {
      exit = await deliver(await output)
    },
  }
  addCommands(program, around, process.argv[2])
  try {
    await program.parseAsync()
    return interrupt.signal.aborted ? INTERRUPTED : exit
  } catch (error) {
    if (interrupt.signal.aborted) return INTERRUPTED
    return error instanceof Told ? exit : failure(error)
  }
}

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(name, () => {
    interrupt.abort(new Error(`stopped by ${name}`))
    process.once(name, () => process.exit(INTERRUPTED))
  })
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(OWN_ERROR) // the reader went away
  process.stderr.write(`flannel-doctor: cannot write to standard output: ${error.code}\n`)
  process.exit(BAD_INPUT)
})
process.stderr.on('error', () => {}) // nobody hears it; the exit status still tells
process.exit(await main())
