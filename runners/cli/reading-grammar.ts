/** `diff`, `explain`, `list`: the grammar of what touches no host. */
import type { Command } from 'commander'
import { orFailed } from './options/failed-output.ts'
import type { DiffFlags, ListFlags } from './options/flags.ts'
import { addConfig, addOutput, collect, type Surroundings } from './options/options.ts'

function addDiff(program: Command, around: Surroundings): void {
  const diff = program
    .command('diff <before> <after>')
    .description('two saved states or JSON reports: what changed; exit 1 where a finding is new')
  addOutput(addConfig(diff)).action((before: string, after: string, flags: DiffFlags) =>
    around.finish(
      orFailed(
        import('./commands/diff.ts').then(({ diff: compare }) => compare([before, after], flags, around)),
        flags,
        around,
      ),
    ),
  )
}

/** Declares diff, explain and list: what touches no host. */
export function addReadingCommands(program: Command, around: Surroundings): void {
  addDiff(program, around)
  program
    .command('explain <name>')
    .description(
      'the page of a check, code, clause, profile or fault, or the codes some words are about; offline',
    )
    .action((name: string) =>
      around.finish(import('./commands/explain.ts').then(({ explain }) => explain(name))),
    )
  program
    .command('list <what>')
    .description('checks, clauses, profiles, faults or reporters')
    .option('--format <name>', 'text or json', collect)
    .action((what: string, flags: ListFlags) =>
      around.finish(import('./commands/list.ts').then(({ list }) => list(what, flags.format ?? []))),
    )
}
