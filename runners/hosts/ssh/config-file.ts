/** ssh_config(5) files that an inventory names, and those that Vagrant prints. */
import { printable } from '../../../reports/layout/printable.ts'
import { RunnerError } from '../command/runner.ts'

/** In ssh_config(5) a name in quotes holds anything but a quote; no line ends inside it. */
const FILE_NAME = /^[^"\n\r\0]+$/

/**
 * A configuration that begins with that file and goes on with the user's and the system's: ssh takes the first value
 * it finds for each option. `Include` leaves the Host block of the file behind.
 * Throws RunnerError for a path that cannot be written in a configuration.
 */
export function including(file: string): string {
  if (!FILE_NAME.test(file)) {
    throw new RunnerError(
      'unreachable',
      `sshConfig ${printable(file, 80)}: a path with quotes cannot be used`,
    )
  }
  return [`Include "${file}"`, 'Include ~/.ssh/config', 'Include /etc/ssh/ssh_config', ''].join('\n')
}

const HOST_LINE = /^Host\s+(\S+)\s*$/
const OPTION_LINE = /^\s+[A-Za-z][A-Za-z0-9]*\s+\S/

/**
 * The `Host` block of a machine out of what `vagrant ssh-config MACHINE` printed. Plugins and providers print notes
 * between the lines; only the block is kept. Undefined when there is none with a HostName.
 */
export function vagrantHostBlock(output: string, machine: string): string | undefined {
  const lines = output.split(/\r?\n/)
  const first = lines.findIndex((line) => HOST_LINE.exec(line)?.[1] === machine)
  if (first < 0) return undefined
  const after = lines.slice(first + 1)
  const next = after.findIndex((line) => HOST_LINE.test(line))
  const options = (next < 0 ? after : after.slice(0, next)).filter((line) => OPTION_LINE.test(line))
  if (!options.some((line) => /^\s+HostName\s/i.test(line))) return undefined
  return [`Host ${machine}`, ...options, ''].join('\n')
}
