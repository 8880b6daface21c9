/** A copy of this checkout in another root file system, and what the commands left there. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { must } from './root-file-system.ts'

const HERE = fileURLToPath(new URL('../../../', import.meta.url))
const THERE = 'srv/new checkout/flannel-doctor'

/** Every file that git would add or keep, and that is there. */
const LIST = `cd "$1" && git ls-files -zco --exclude-standard |
  xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\\0" "$f"; done' sh`

/** Copies the files that git knows, with the modes that a clone under umask 077 has; gives their names. */
export async function copyCheckout(root: string): Promise<ReadonlySet<string>> {
  const target = join(root, THERE)
  mkdirSync(target, { recursive: true })
  const packages = ['-mindepth', '1', '-maxdepth', '1', '-not', '-name', 'node_modules']
  await must(['find', target, ...packages, '-exec', 'rm', '-rf', '{}', '+'])
  const copy = `umask 077; cd "$1" && tar -c --null -T - | tar -x --no-same-permissions --no-same-owner -C "$2"`
  const names = await must(['sh', '-c', LIST, 'sh', HERE])
  await must(['sh', '-c', copy, 'sh', HERE, target], { stdin: names })
  return new Set(names.split('\0'))
}

/** What the commands made in the checkout beside its packages, and the set-up's own switches that it forgot. */
export async function strangeFiles(root: string, known: ReadonlySet<string>): Promise<readonly string[]> {
  const there = join(root, THERE)
  const packages = ['-path', `${there}/node_modules`, '-prune']
  const found = (await must(['find', there, ...packages, '-o', '-type', 'f', '-printf', '%P\\0'])).split('\0')
  const switches = await must(['find', join(root, 'usr/sbin'), '-name', 'policy-rc.d'])
  return [...found.filter((file) => !known.has(file)), ...switches.split('\n').filter((line) => line !== '')]
}
