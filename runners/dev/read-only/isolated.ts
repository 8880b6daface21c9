/** A program in process, network and mount namespaces of its own, with its own /run and /tmp: only it and what it starts moves there. /run/mount is libmount's, on every machine that has booted. */
import type { CommandResult, RunOptions } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'

/** The shell stays: the first process of such a namespace must bury what nobody else waits for. */
const SCRIPT = `mount --make-rprivate / && mount -t tmpfs -o mode=755 none /run || exit 9
case $PWD in /tmp/*) ;; *) mount -t tmpfs -o mode=1777 none /tmp || exit 9 ;; esac
mkdir -p /run/netns /run/mount; PATH=$PATH:/usr/sbin:/sbin ip link set lo up; "$@"; exit $?`

/** Runs a program of this project there; everything it starts ends with it. Needs root. */
export function runIsolated(
  program: string,
  words: readonly string[],
  options: RunOptions,
): Promise<CommandResult> {
  const argv = [
    'unshare',
    '--mount',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    'sh',
    '-c',
    SCRIPT,
    'sh',
  ]
  return run([...argv, process.execPath, program, ...words], options)
}
