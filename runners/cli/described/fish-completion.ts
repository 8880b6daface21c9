/** Completion for fish. */
import { type CommandWords, everyCommand, type OptionWords, type ValueWords } from './command-words.ts'

const quoted = (text: string): string => `'${text.replaceAll(/[\\']/g, '\\$&')}'`

/** What must stand on the line: the path of the command, and no name of one below it. */
function condition({ path, commands }: CommandWords): string {
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
  const names = commands.map((command) => command.path.at(-1)).join(' ')
  const deeper = names === '' ? [] : [`not __fish_seen_subcommand_from ${names}`]
  return quoted([...seen, ...deeper].join('; and ') || 'true')
}

function valueArguments(value: ValueWords | undefined): string {
  if (value === undefined) return ''
  if (value.isFile) return ' -r -F'
  return value.words.length > 0 ? ` -x -a ${quoted(value.words.join(' '))}` : ' -x'
}

function lines(command: CommandWords): readonly string[] {
  const start = `complete -c flannel-doctor -n ${condition(command)}`
  const [argument] = command.arguments
  return [
    ...command.commands.map(({ path, says }) => `${start} -f -a ${path.at(-1)} -d ${quoted(says)}`),
    ...command.options.map(
      ({ name, says, value }: OptionWords) =>
        `${start} -l ${name.slice(2)}${valueArguments(value)} -d ${quoted(says)}`,
    ),
    ...(argument && !argument.isFile ? [`${start} -f -a ${quoted(argument.words.join(' '))}`] : []),
  ]
}

/** The file flannel-doctor.fish of ~/.config/fish/completions. */
export function fishCompletion(program: CommandWords): string {
  const head =
    '# fish completion for flannel-doctor: flannel-doctor completion fish > ~/.config/fish/completions/flannel-doctor.fish'
  return `${[head, ...everyCommand(program).flatMap(lines)].join('\n')}\n`
}
