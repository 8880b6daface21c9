/** Commands inside another root file system, as root types them there. */
import type { CommandResult } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'

/** /run is the one of this machine, where a lab has its files; with the terminals of /dev shells are asked. */
const ENTER = `mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --rbind /run "$0/run" &&
exec chroot "$0" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive sh -c "$1"`
const DEADLINE_MS = 900_000

/** Runs a line of shell there; its mounts go with it. */
export function inDebian(root: string, line: string): Promise<CommandResult> {
  return run(['unshare', '--mount', 'sh', '-c', ENTER, root, line], { timeoutMs: DEADLINE_MS })
}

/** A line of shell and what it must print; true where it does and ends with 0. */
export async function saysInDebian(
  root: string,
  [line, expected]: readonly [string, RegExp],
  print: (line: string) => void,
): Promise<boolean> {
  const { end, stdout, stderr, ms } = await inDebian(root, line)
  const text = Buffer.from(stdout).toString('utf8')
  const isGood = 'exit' in end && end.exit === 0 && expected.test(text)
  print(`${isGood ? 'as expected' : 'NOT AS EXPECTED'}  ${(ms / 1000).toFixed(1)} s  ${line.split('\n')[0]}`)
  if (!isGood) print(`${JSON.stringify(end)}\n${text.slice(-3000)}${stderr.slice(-3000)}`)
  return isGood
}
