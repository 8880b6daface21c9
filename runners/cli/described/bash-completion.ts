/** Completion for bash, without the package bash-completion. */
import { type CommandWords, everyCommand, type ValueWords } from './command-words.ts'

const quoted = (words: readonly string[]): string => `'${words.join(' ').replaceAll("'", "'\\''")}'`

/** What is offered for a value; nothing where it is free. */
function offered({ words, isFile }: ValueWords): string {
  return isFile ? 'files=1' : `words=${quoted(words)}`
}

function valueCases({ path, options }: CommandWords): readonly string[] {
  return options.flatMap(({ name, value }) =>
    value === undefined ? [] : [`    '${[...path, name].join(' ')}') ${offered(value)} ;;`],
  )
}

function commandCase({ path, options, commands, arguments: [argument] }: CommandWords): string {
  const names = commands.map((command) => command.path.at(-1) ?? '')
  const value = argument ?? { words: names, isFile: false, placeholder: '' }
  const flags = options.map(({ name }) => name)
  return `    '${path.join(' ')}') flags=${quoted(flags)}; ${offered(value)} ;;`
}

/** The script that `source` reads. */
export function bashCompletion(program: CommandWords): string {
  const commands = everyCommand(program)
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => `'${path.join(' ')}'`)
  return `# bash completion for flannel-doctor: source <(flannel-doctor completion bash)
_flannel_doctor() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} path='' next='' words='' flags='' files='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    next="\${path:+$path }\${COMP_WORDS[at]}"
    case $next in
      ${paths.join('|')}) path=$next ;;
    esac
  done
  case "\${path:+$path }$before" in
${commands.flatMap(valueCases).join('\n')}
    *) case $path in
${commands.map(commandCase).join('\n')}
    esac ;;
  esac
  if [[ $word == -* ]]; then words=$flags files=; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  if [[ $files ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$word"); compopt -o filenames 2>/dev/null; fi
}
complete -F _flannel_doctor flannel-doctor
`
}
