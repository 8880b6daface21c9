/** Commands inside another root file system, as root types them there. */
import type { CommandResult } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'
import { type Step, says } from './says.ts'

/** /run is the one of this machine, where a lab has its files; with the terminals of /dev shells are asked. */
const ENTER = `mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind /run "$0/run" &&
exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive sh -c "$1"`
const DEADLINE_MS = 900_000

/** Runs a line of shell there; its mounts go with it. */
function inDebian(root: string, line: string): Promise<CommandResult> {
  return run(['unshare', '--mount', 'sh', '-c', ENTER, root, line], { timeoutMs: DEADLINE_MS })
}

/** Types a line there; true where it prints what it must and ends with 0. */
export function saysInDebian(root: string, step: Step, print: (line: string) => void): Promise<boolean> {
  return says((line) => inDebian(root, line), step, print)
}
