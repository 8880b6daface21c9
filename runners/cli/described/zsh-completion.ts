/** Completion for zsh. */
import { type CommandWords, everyCommand, type OptionWords, type ValueWords } from './command-words.ts'

/** Inside single quotes, in a specification of _arguments. */
function specified(text: string): string {
  return text.replaceAll(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''")
}

function action({ placeholder, words, isFile }: ValueWords): string {
  const name = specified(placeholder.replaceAll(/[<>]/g, ''))
  if (isFile) return `:${name}:_files`
  return `:${name}:${words.length > 0 ? `(${words.map(specified).join(' ')})` : ''}`
}

/** An option may stand on the line more than once. */
function optionSpec({ name, says, value }: OptionWords): string {
  return `'*${name}[${specified(says)}]${value === undefined ? '' : action(value)}'`
}

const functionName = (path: readonly string[]): string =>
  ['_flannel-doctor', ...path].join('_').replaceAll(' ', '_')

function leaf({ path, options, arguments: values }: CommandWords): string {
  const specs = [...options.map(optionSpec), ...values.map((value) => `'${action(value)}'`)]
  return `${functionName(path)}() {\n  _arguments -s \\\n    ${specs.join(' \\\n    ')}\n}`
}

function branch({ path, options, commands }: CommandWords): string {
  const names = commands.map(({ path: [...words], says }) => `'${words.at(-1)}:${specified(says)}'`)
  const cases = commands.map(({ path: words }) => `        ${words.at(-1)}) ${functionName(words)} ;;`)
  return `${functionName(path)}() {
  local context state state_descr line
  typeset -A opt_args
  local -a names=(
    ${names.join('\n    ')}
  )
  _arguments -C \\
    ${options.map(optionSpec).join(' \\\n    ')} \\
    '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command names ;;
    rest)
      case $words[1] in
${cases.join('\n')}
      esac ;;
  esac
}`
}

/** The file _flannel-doctor of a folder of \`fpath\`. */
export function zshCompletion(program: CommandWords): string {
  const functions = everyCommand(program).map((one) => (one.commands.length > 0 ? branch(one) : leaf(one)))
  return `#compdef flannel-doctor
# zsh completion for flannel-doctor: flannel-doctor completion zsh > "\${fpath[1]}/_flannel-doctor"
${functions.join('\n\n')}

if [ "$funcstack[1]" = _flannel-doctor ]; then
  _flannel-doctor "$@"
else
  compdef _flannel-doctor flannel-doctor
fi
`
}
