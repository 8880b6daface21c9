/** The command line of a unit with further words, in a file that systemd reads last. */

import type { ServiceUnit } from '../model/service-unit.ts'
import { isPlainCommand } from '../model/shell-words.ts'

/** The commands that write the file and remove it. */
export interface DropIn {
  readonly command: string
  readonly undo: string
}

/** Undefined where the command line cannot be written again; what is masked in it or a specifier of systemd is not known. */
export function execDropIn(
  { name, commands }: Pick<ServiceUnit, 'name' | 'commands'>,
  words: string,
  before = '',
): DropIn | undefined {
  const [command, ...others] = commands
  const isPlain = command !== undefined && isPlainCommand(command.replaceAll(/\$\{?(\w+)\}?/g, '$1'))
  // A mask is of asterisks, which no plain word has.
  if (!isPlain || others.length > 0 || command.includes('%')) return undefined
  const directory = `/etc/systemd/system/${name}.d`
  const file = `${directory}/zz-flannel-options.conf`
  const lines = String.raw`[Service]\n${before}ExecStart=\nExecStart=${command}${words}\n`
  const write = `mkdir -p ${directory} && printf '${lines}' > ${file}`
  // What an earlier fix wrote stays: its last line is the command, which gets these words too.
  const isAppendable = before === '' && words !== '' && !/[|&'\\\n]/.test(words)
  const add = `[ -e ${file} ] && sed -i '$s|$|${words}|' ${file}`
  return { command: isAppendable ? `${add} || { ${write}; }` : write, undo: `rm ${file}` }
}
