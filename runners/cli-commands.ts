/** The command line's grammar, design C.1. Actions import their command when called. */
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addLabCommands } from './cli-lab.ts'
import type { CommandOutput, OutputOptions, Say } from './commands/output.ts'

/** What the process lends to a command. */
export interface Surroundings {
  readonly say: Say
  readonly signal: AbortSignal
  readonly terminal: { readonly tty: boolean; readonly width: number; readonly env: NodeJS.ProcessEnv }
  readonly finish: (output: Promise<CommandOutput>) => Promise<void>
}

/** Options as commander hands them over. */
export type Flags = Readonly<Record<string, unknown>>

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function commaList(value: string, before: string[] = []): string[] {
  return [...before, ...value.split(',').filter((word) => word !== '')]
}

/** A whole number from 1; used for seconds and counts. */
export function positive(value: string): number {
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1 || number > 1_000_000) {
    throw new InvalidArgumentError('expected a whole number from 1 to 1000000')
  }
  return number
}

/** The options that say which hosts and which etcd. */
export function addTargets(command: Command): Command {
  return command
    .option('--host <url>', 'a host: local:, netns://NAME, … (repeatable)', collect)
    .option('--inventory <file>', 'YAML or JSON file that names etcd and hosts')
    .option('--etcd <urls>', 'etcd endpoints, separated by commas')
    .option('--etcd-prefix <path>', "flannel's prefix (default /coreos.com/network)")
    .addOption(new Option('--etcd-api <api>', 'which etcd API').choices(['auto', 'v2', 'v3']))
    .option('--etcd-ca <file>', 'certificate authority')
    .option('--etcd-cert <file>', 'client certificate')
    .option('--etcd-key <file>', 'client key')
    .option('--etcd-user <name[:password]>', 'etcd user; the password may also come from ETCDCTL_USER')
    .option('--subnet-file <file>', "flannel's subnet file (default /run/flannel/subnet.env)")
    .option('--deadline <seconds>', 'end the whole run after this time', positive)
    .option('--concurrency <n>', 'hosts collected at the same time', positive)
}

function addLevels(command: Command): Command {
  return command.option('--read-only', 'only read (the default)')
}

function addSelection(command: Command): Command {
  return command
    .option('--only <names>', 'checks, layers or finding codes to keep, separated by commas', commaList)
    .option('--skip <names>', 'checks, layers or finding codes to leave out', commaList)
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 from this severity on')
        .choices(['critical', 'warning', 'info'])
        .default('warning'),
    )
}

function addOutput(command: Command): Command {
  return command
    .option('--format <name[=file]>', 'text or json, to stdout or a file (repeatable)', collect)
    .addOption(
      new Option('--color <when>', 'colour on stdout').choices(['auto', 'always', 'never']).default('auto'),
    )
    .option('--quiet', 'print nothing when healthy')
}

/** Formats, colour and width out of the flags. NO_COLOR is honoured (no-color.org). */
export function outputOptions(flags: Flags, { terminal }: Surroundings): OutputOptions {
  const auto = terminal.tty && !terminal.env.NO_COLOR && terminal.env.TERM !== 'dumb'
  return {
    formats: (flags.format as string[] | undefined) ?? [],
    color: flags.color === 'always' || (flags.color !== 'never' && auto),
    width: Math.min(Math.max(terminal.width, 60), 160),
    quiet: flags.quiet === true,
  }
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

const EXAMPLES = `
Examples:
  flannel-doctor check                                   this machine, as the running flanneld is configured
  flannel-doctor check --inventory hosts.yaml            every host of a network
  flannel-doctor check --etcd http://192.0.2.10:2379 --host local: --format json=report.json
  flannel-doctor collect --inventory hosts.yaml --save state    gather now, judge later
  flannel-doctor replay state
  flannel-doctor explain fdb/peer-vtep:missing
  flannel-doctor lab up --hosts 3 --backend vxlan        three hosts with real flanneld to rehearse on

Exit status: 0 healthy, 1 findings, 2 wrong input, 3 undecided, 130 interrupted.`

function addCheckCommands(program: Command, around: Surroundings): void {
  const check = program.command('check').description('collect, judge, diagnose, report')
  addOutput(addSelection(addLevels(addTargets(check))))
    .option('--save <dir>', 'also save what was collected')
    .action((flags: Flags) =>
      around.finish(import('./commands/check.ts').then(({ check }) => check(flags, around))),
    )
  addTargets(program.command('collect').description('gather only'))
    .requiredOption('--save <dir>', 'folder to write')
    .action((flags: Flags) =>
      around.finish(import('./commands/collect.ts').then(({ collect: gather }) => gather(flags, around))),
    )
  addOutput(
    addSelection(program.command('replay <dir>').description('judge a saved state; no host is touched')),
  ).action((dir: string, flags: Flags) =>
    around.finish(import('./commands/replay.ts').then(({ replay }) => replay(dir, flags, around))),
  )
}

function addReadingCommands(program: Command, around: Surroundings): void {
  program
    .command('explain <code>')
    .description('the page of a check or finding code, offline')
    .action((code: string) =>
      around.finish(import('./commands/explain.ts').then(({ explain }) => explain(code))),
    )
  program
    .command('list <what>')
    .description('checks or reporters')
    .option('--format <name>', 'text or json', collect)
    .action((what: string, flags: Flags) =>
      around.finish(
        import('./commands/list.ts').then(({ list }) =>
          list(what, (flags.format as string[] | undefined) ?? []),
        ),
      ),
    )
}

/** Declares every command on the program. */
export function addCommands(program: Command, around: Surroundings): void {
  program
    .description('Finds out why a flannel network does not work, and proves it')
    .version(version(), '--version')
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError(false)
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'flannel-doctor: ')) })
    .enablePositionalOptions()
  addCheckCommands(program, around)
  addReadingCommands(program, around)
  addLabCommands(program, around)
  addOutput(program.command('start', { hidden: true })).action((flags: Flags) =>
    around.finish(import('./main-job.ts').then(({ mainJob }) => mainJob(flags, around))),
  )
}
