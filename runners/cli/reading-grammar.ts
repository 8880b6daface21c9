/** `replay`, `diff`, `explain`, `list`: the grammar of what touches no host. */
import type { Command } from 'commander'
import { finish } from './options/failed-output.ts'
import type { DiffFlags, ListFlags, PluginFlags, ReplayFlags } from './options/flags.ts'
import { collect } from './options/option-values.ts'
import {
  addConfig,
  addOutput,
  addPlugins,
  addSelection,
  REDACT,
  type Surroundings,
} from './options/options.ts'

function addDiff(program: Command, around: Surroundings): void {
  const diff = program
    .command('diff <before> <after>')
    .description('say what changed between two saved states or JSON reports; exit 1 where a finding is new')
  addOutput(addPlugins(addConfig(diff))).action((before: string, after: string, flags: DiffFlags) =>
    finish(
      import('./commands/diff.ts').then(({ diff: compare }) => compare([before, after], flags, around)),
      flags,
      around,
    ),
  )
}

function addReplay(program: Command, around: Surroundings): void {
  const replay = program
    .command('replay <states...>')
    .description(
      'judge saved states, several or those in a folder and below it as one network; no host is touched',
    )
  addOutput(addSelection(addPlugins(addConfig(replay))))
    .option('--etcd-of <host>', 'of several states, the host whose reading of etcd counts for all')
    .option('--save <dir>', 'also save what was read as one state, to a folder or NAME.tgz')
    .option(...REDACT)
    .action((states: string[], flags: ReplayFlags) =>
      finish(
        import('./commands/replay.ts').then(({ replay: judge }) => judge(states, flags, around)),
        flags,
        around,
      ),
    )
}

/** The shell's and the reader's view of this grammar, which only the whole program knows. */
function addDescribed(program: Command, examples: string, around: Surroundings): void {
  program
    .command('completion <shell>')
    .description(
      'print what makes bash, zsh or fish complete these words: source <(flannel-doctor completion bash)',
    )
    .action((shell: string) =>
      around.finish(import('./commands/completion.ts').then(({ completion }) => completion(shell, program))),
    )
  program
    .command('man-page', { hidden: true })
    .action(() =>
      around.finish(import('./commands/completion.ts').then(({ manual }) => manual(program, examples))),
    )
}

/** Declares replay, diff, explain, list and completion: what touches no host. `examples` are for the manual page. */
export function addReadingCommands(program: Command, examples: string, around: Surroundings): void {
  addReplay(program, around)
  addDiff(program, around)
  addPlugins(addConfig(program.command('explain <name>')))
    .description(
      'print the page of a check, code, clause, profile or fault, or the codes some words are about; offline',
    )
    .action((name: string, flags: PluginFlags) =>
      around.finish(import('./commands/explain.ts').then(({ explain }) => explain(name, flags))),
    )
  addPlugins(addConfig(program.command('list <what>')))
    .description('list checks, clauses, profiles, faults or reporters')
    .option('--format <name[=file]>', 'text or json, to stdout or a file', collect)
    .action((what: string, flags: ListFlags) =>
      around.finish(import('./commands/list.ts').then(({ list }) => list(what, flags))),
    )
  addDescribed(program, examples, around)
}
