/** The manual page, flannel-doctor(1), in the macros of man(7). */
import { type CommandWords, everyCommand, type OptionWords } from './command-words.ts'

/** Text of roff: no escape, no request at the beginning of a line, hyphens that can be copied. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-')
  const ascii = escaped.replaceAll(
    /[^\x00-\x7f]/gu,
    (one) => `\\[u${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
  )
  return ascii.replaceAll(/^[.']/gm, '\\&$&')
}

function optionText({ name, says, value }: OptionWords): string {
  const placeholder = value === undefined ? '' : ` ${value.placeholder}`
  const words = value?.words.length ? ` (${value.words.join(', ')})` : ''
  return `.TP\n.B ${roff(`${name}${placeholder}`)}\n${roff(`${says}${words.length > 200 ? '' : words}`)}`
}

function commandText({ path, says, options, arguments: values }: CommandWords): string {
  const title = [...path, ...values.map(({ placeholder }) => placeholder)].join(' ')
  return `.SS "${roff(title)}"\n${roff(says)}\n${options.map(optionText).join('\n')}`
}

const EXIT = [
  ['0', 'healthy'],
  ['1', 'findings at or above --fail-on'],
  ['2', 'the command line, inventory or input is wrong'],
  ['3', 'undecided: nothing found wrong, but something could not be judged, or no flannel here'],
  ['130', 'interrupted by a signal'],
] as const

/** The whole page. `examples` are lines of the shell. */
export function manPage(
  program: CommandWords,
  { version, examples }: { readonly version: string; readonly examples: string },
): string {
  const commands = everyCommand(program).filter(
    ({ path, commands: below }) => path.length > 0 && below.length === 0,
  )
  return `.TH FLANNEL\\-DOCTOR 1 "" "flannel\\-doctor ${roff(version)}" "User Commands"
.SH NAME
flannel\\-doctor \\- ${roff(program.says.charAt(0).toLowerCase() + program.says.slice(1))}
.SH SYNOPSIS
.B flannel\\-doctor
.I command
.RI [ options ]
.SH COMMANDS
${commands.map(commandText).join('\n')}
.SH EXIT STATUS
${EXIT.map(([status, means]) => `.TP\n.B ${status}\n${roff(means)}`).join('\n')}
.SH ENVIRONMENT
.TP
.BR ETCDCTL_* ", " FLANNELD_*
${roff('as etcdctl and flanneld read them')}
.TP
.BR NO_COLOR ", " FORCE_COLOR
whether text is coloured
.SH FILES
.TP
.I flannel\\-doctor.yaml
defaults of options, plugins and waivers; beside the inventory
.SH EXAMPLES
.nf
${roff(examples)}
.fi
`
}
