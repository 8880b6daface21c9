/** A program in process, network and mount namespaces of its own, with its own /run and /tmp: only it and what it starts moves there. /run/mount is libmount's, on every machine that has booted. */
import type { CommandResult, RunOptions } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'

/**
 * The shell stays: the first process of such a namespace must bury what nobody else waits for. What the machine has
 * mounted below the two folders is let go first: covered up it would stay in the list of mounts, and vanish from it
 * once its owner removes the folder (as labs of other tests do).
 */
const SCRIPT = `own() {
  cut -d' ' -f5 /proc/self/mountinfo | grep "^$1/" | sort -r | while read -r at; do umount -l "$(printf %b "$at")"; done
  mount -t tmpfs -o "mode=$2" none "$1" || exit 9
}
mount --make-rprivate / && own /run 755 || exit 9
case $PWD in /tmp/*) ;; *) own /tmp 1777 ;; esac
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
