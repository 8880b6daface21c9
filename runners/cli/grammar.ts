/** The command line's grammar. Actions import their command when called. */
import { Command, Option } from 'commander'
import { ownVersion } from '../version.ts'
import { EXAMPLES } from './described/examples.ts'
import { addLabCommands } from './lab-grammar.ts'
import { configured } from './options/configured.ts'
import { finish } from './options/failed-output.ts'
import type {
  BenchFlags,
  CheckFlags,
  CollectFlags,
  ConformanceFlags,
  OutputFlags,
  TraceFlags,
} from './options/flags.ts'
import { collect, commaList, packetSize, upTo } from './options/option-values.ts'
import {
  addLevels,
  addOutput,
  addPlugins,
  addSelection,
  addTargets,
  portOption,
  REDACT,
  type Surroundings,
  WATCH,
} from './options/options.ts'
import { addReadingCommands } from './reading-grammar.ts'
import { tellErrors } from './tell-errors.ts'

const HELP_END = `
Examples:
${EXAMPLES}

Exit status: 0 healthy, 1 findings, 2 wrong input, 3 undecided, 130 interrupted.`

function addTrace(program: Command, around: Surroundings): void {
  const trace = program
    .command('trace <source> <target>')
    .description(
      'follow a ping and say where it is lost, and why; an end is HOST, HOST/CONTAINER, CONTAINER, an address, pod/NAMESPACE/NAME or, as target, svc/NAMESPACE/NAME[:PORT]',
    )
  addOutput(addSelection(addPlugins(addTargets(trace))))
    .option('--intrude', 'also trace the rules it meets, with an nft table of our own that is removed again')
    .option('--size <bytes>', 'size of the IP packet', packetSize)
    .addOption(portOption('tcp', 'begin a TCP connection to this port instead'))
    .addOption(portOption('udp', 'send a UDP datagram to this port instead'))
    .option('--save <dir>', 'also save what was collected and captured, to a folder or NAME.tgz')
    .option(...REDACT)
    .action((source: string, target: string, flags: TraceFlags) =>
      finish(
        import('./commands/trace.ts').then(({ trace: follow }) => follow({ source, target }, flags, around)),
        flags,
        around,
      ),
    )
}

function addCheck(program: Command, around: Surroundings): void {
  const check = program.command('check').description('find what is broken in a flannel network, and why')
  addOutput(addSelection(addPlugins(addLevels(addTargets(check)))))
    .option('--namespace <name>', 'of the pods of Kubernetes only those of this namespace')
    .option('--save <dir>', 'also save what was collected, to a folder or NAME.tgz')
    .option(...REDACT)
    .addOption(WATCH)
    .action((flags: CheckFlags) =>
      finish(
        import('./commands/check.ts').then(({ check }) => check(flags, around)),
        flags,
        around,
      ),
    )
}

function addCollect(program: Command, around: Surroundings): void {
  addPlugins(
    addTargets(
      program.command('collect').description('read the hosts and save what they say, for replay to judge'),
    ),
  )
    .option('--save <dir>', 'folder to write, or one file: NAME.tgz')
    .addOption(
      new Option(
        '--local',
        'this machine alone; replay judges the states of several as one network',
      ).conflicts(['host', 'inventory', 'fromLeases']),
    )
    .option('--name <name>', 'what the one host is called (default: its hostname)')
    .option(...REDACT)
    .action((flags: CollectFlags) =>
      around.finish(import('./commands/collect.ts').then(({ collect: gather }) => gather(flags, around))),
    )
}

function addConformance(program: Command, around: Surroundings): void {
  const conformance = program
    .command('conformance')
    .description(
      'judge whether the network keeps the contract of its flannel; clauses, profiles and a certificate',
    )
  addPlugins(addTargets(conformance))
    .option(
      '--profile <names>',
      'profiles to claim, separated by commas (default: those that apply)',
      commaList,
    )
    .option('--strict', 'a SHOULD counts like a MUST')
    .option('--read-only', 'only read, on a lab as well')
    .addOption(
      new Option(
        '--disruptive',
        'also restart and kill flanneld, remove leases, stop etcd: a lab does so unasked',
      ).conflicts('readOnly'),
    )
  addOutput(conformance).action((flags: ConformanceFlags) =>
    finish(
      import('./commands/conformance.ts').then(({ conformance: claim }) => claim(flags, around)),
      flags,
      around,
    ),
  )
}

function addBench(program: Command, around: Surroundings): void {
  const bench = program
    .command('bench')
    .description(
      'measure throughput and round trips, overlay beside underlay; loads the network while it runs',
    )
  addTargets(bench)
    .option('--pair <ends...>', 'two ends: HOST, HOST/CONTAINER or an address (repeatable)', collect)
    .option('--seconds <n>', 'length of one measurement, at most 60', upTo(60), 3)
    .option('--streams <n>', 'TCP streams side by side, at most 128', upTo(128), 1)
    .option('--rounds <n>', 'how often each measurement is repeated, at most 100', upTo(100), 2)
    .option('--lab', 'measure a lab of each backend on this machine')
    .addOption(
      new Option('--backend <type>', 'with --lab: only this one').choices(['host-gw', 'vxlan', 'udp']),
    )
    .option(
      '--format <name[=file]>',
      'text, json, markdown or html, to stdout or a file (repeatable)',
      collect,
    )
    .addOption(
      new Option('--color <when>', 'colour on stdout').choices(['auto', 'always', 'never']).default('auto'),
    )
    .action((flags: BenchFlags) =>
      around.finish(import('./commands/bench.ts').then(({ bench: measure }) => measure(flags, around))),
    )
}

function addStart(program: Command, around: Surroundings): void {
  addOutput(program.command('start', { hidden: true })).action((flags: OutputFlags) =>
    around.finish(import('./commands/start.ts').then(({ mainJob }) => mainJob(flags, around))),
  )
}

type Add = (program: Command, around: Surroundings) => void

/** Commands in the order of the help, those that are declared together beside each other. */
const COMMANDS: readonly (readonly [names: string, add: Add])[] = [
  ['check', addCheck],
  ['trace', addTrace],
  ['collect', addCollect],
  ['bench', addBench],
  ['conformance', addConformance],
  ['diff replay explain list', (program, around) => addReadingCommands(program, EXAMPLES, around)],
  ['lab', addLabCommands],
  ['start', addStart],
]

function declared(program: Command, around: Surroundings, commands = COMMANDS): Command {
  for (const [, add] of commands) add(program, around)
  return program
}

/** Declares every command on the program, or where a name of one is given no others than those beside it. */
export function addCommands(program: Command, around: Surroundings, called = ''): void {
  const wanted = COMMANDS.filter(([names]) => names.split(' ').includes(called))
  program
    .description('Finds out why a flannel network does not work, and proves it')
    .version(ownVersion(), '--version')
    .addHelpText('after', HELP_END)
    .showHelpAfterError(false)
    .enablePositionalOptions()
    .hook('preAction', (_, command) => configured(command, () => declared(new Command(), around), around))
  tellErrors(declared(program, around, wanted.length > 0 ? wanted : COMMANDS))
}
