/** The grammar as data: what shells complete and what the manual page prints. */
import type { Argument, Command, Option } from 'commander'

/** What stands behind an option or a command. */
export interface ValueWords {
  /** As the help writes it: `<file>`. */
  readonly placeholder: string
  /** The words of which it is one; empty where it is a file or free. */
  readonly words: readonly string[]
  readonly isFile: boolean
}

export interface OptionWords {
  /** `--host`. */
  readonly name: string
  readonly says: string
  /** Absent for a switch. */
  readonly value?: ValueWords
}

export interface CommandWords {
  /** `['lab', 'up']`; empty for the program itself. */
  readonly path: readonly string[]
  readonly says: string
  readonly options: readonly OptionWords[]
  readonly commands: readonly CommandWords[]
  readonly arguments: readonly ValueWords[]
}

/** Words that the grammar does not hold: names of things that there are, by placeholder or by path and placeholder. */
export type KnownWords = Readonly<Record<string, readonly string[]>>

const FILES = /<(?:file|dir|before|after|package\|file|path\|version)>/

function valueWords(
  placeholder: string,
  choices: readonly string[] | undefined,
  known: readonly string[] | undefined,
): ValueWords {
  return { placeholder, words: choices ?? known ?? [], isFile: FILES.test(placeholder) }
}

function optionWords({ long, flags, description, argChoices }: Option, known: KnownWords): OptionWords {
  const [, placeholder] = /(<[^>]*>)$/.exec(flags) ?? []
  const name = long ?? flags
  const value = placeholder && valueWords(placeholder, argChoices, known[`${name} ${placeholder}`])
  return { name, says: description, ...(value && { value }) }
}

function argumentWords(argument: Argument, path: readonly string[], known: KnownWords): ValueWords {
  const placeholder = `<${argument.name()}>`
  return valueWords(placeholder, argument.argChoices, known[[...path, placeholder].join(' ')])
}

const HELP: OptionWords = { name: '--help', says: 'print how this command is used' }

/** A command with those below it; hidden ones are left out. */
export function commandWords(
  command: Command,
  known: KnownWords,
  path: readonly string[] = [],
): CommandWords {
  const help = command.createHelp()
  const commands = help.visibleCommands(command).filter((one) => one.name() !== 'help')
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help')
  return {
    path,
    says: command.description(),
    options: [...options.map((option) => optionWords(option, known)), HELP],
    commands: commands.map((one) => commandWords(one, known, [...path, one.name()])),
    arguments: command.registeredArguments.map((one) => argumentWords(one, path, known)),
  }
}

/** The command and all below it, outermost first. */
export function everyCommand(command: CommandWords): readonly CommandWords[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}
