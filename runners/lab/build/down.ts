/** Removes labs: their processes, namespaces, mounts, cgroups and directories. Safe to repeat and to run twice at once. */
import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { $ } from '../../hosts/command/zx.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'
import { cgroupPaths, removeCgroup } from '../daemons/lab-cgroup.ts'
import { killProcesses } from '../daemons/lab-processes.ts'
import { removeLabelled } from '../docker/labelled.ts'
import { LabError, usage } from '../lab-error.ts'
import {
  entriesOf,
  isAbandoned,
  isHalfMade,
  LABS_DIR,
  type Ledger,
  labDirectory,
  listLedgers,
  readLedger,
  strayDirectories,
} from '../ledger/ledger.ts'

/** Mount points below a directory, innermost last; the kernel writes blanks as \040 (proc_pid_mountinfo(5)). */
function mountsBelow(directory: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) =>
      (line.split(' ')[4] ?? '').replaceAll(/\\(\d{3})/g, (_, code) =>
        String.fromCharCode(Number.parseInt(code, 8)),
      ),
    )
    .filter((path) => path.startsWith(`${directory}/`))
}

async function unmountBelow(directory: string): Promise<void> {
  const mounts = mountsBelow(directory)
  if (mounts.length > 0) await $`umount -l -- ${mounts.toReversed()}`
  const left = mountsBelow(directory)
  if (left.length > 0) throw new LabError('failed', `cannot unmount ${left.join(', ')}`)
}

async function removeNamespace(name: string): Promise<void> {
  if (!existsSync(join(NETNS_DIR, name))) return
  const { stderr } = await $`ip netns del ${name}`
  if (existsSync(join(NETNS_DIR, name)))
    throw new LabError('failed', `cannot remove ${name}: ${stderr.trim()}`)
}

async function remove(ledger: Ledger): Promise<void> {
  const sockets = new Set(entriesOf(ledger, 'engine').map(({ socket }) => socket))
  for (const socket of sockets) await removeLabelled(socket, ledger.token, isHalfMade(ledger))
  await killProcesses(ledger)
  for (const { name } of entriesOf(ledger, 'namespace')) await removeNamespace(name)
  for (const path of cgroupPaths(ledger)) removeCgroup(path)
  for (const { path } of entriesOf(ledger, 'directory')) {
    await unmountBelow(path)
    rmSync(path, { recursive: true, force: true })
  }
  for (const { path } of entriesOf(ledger, 'shared-directory')) removeIfEmpty(path)
  await unmountBelow(ledger.directory)
  removeAside(ledger.directory)
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** The ledger goes last, in one step: until then whatever is left is still known. */
function removeAside(directory: string): void {
  const aside = join(dirname(directory), `.gone-${basename(directory)}-${process.pid}`)
  try {
    renameSync(directory, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error // somebody else removed it just now
  }
  rmSync(aside, { recursive: true, force: true })
}

/** Removes the lab in that directory; nothing when there is none. */
export async function removeLab(directory: string): Promise<void> {
  const ledger = readLedger(directory)
  if (ledger !== undefined) await remove(ledger)
}

/** Throws where another user made such a lab, root as a rule: only who made a lab can take it away, or root. */
function refuseOthers(asked: string | undefined): void {
  const user = process.getuid?.()
  if (user === 0 || !existsSync(LABS_DIR)) return
  const names = readdirSync(LABS_DIR).filter((name) => name === (asked ?? name) && !name.startsWith('.'))
  const made = names.flatMap((name) => {
    const uid = statSync(join(LABS_DIR, name), { throwIfNoEntry: false })?.uid
    return uid === undefined || uid === user ? [] : [`${uid === 0 ? 'root' : `user ${uid}`} made ${name}`]
  })
  if (made.length === 0) return
  const which = asked === undefined ? '' : ` --name ${asked}`
  usage(
    `${made.join(', ')}; only who made a lab and root can remove it: sudo flannel-doctor lab down${which}`,
  )
}

/**
 * Removes the lab of that name, or without a name every lab made to be kept. Gives the names of
 * the labs removed; a lab that is not there is none. Throws LabError when something cannot be removed.
 */
export async function labDown(name?: string): Promise<readonly string[]> {
  refuseOthers(name)
  await sweep()
  const chosen =
    name === undefined
      ? listLedgers().filter((ledger) => !ledger.ephemeral && ledger.ready)
      : [readLedger(labDirectory(name))].filter((ledger) => ledger !== undefined)
  for (const ledger of chosen) await remove(ledger)
  return chosen.map((ledger) => ledger.name)
}

/** Removes what dead makers left behind: half-made and ephemeral labs. Gives their names. */
export async function sweep(): Promise<readonly string[]> {
  const abandoned = listLedgers().filter(isAbandoned)
  // Read anew: its maker may have been alive, and writing, when the ledger was read before.
  for (const { directory } of abandoned) await removeLab(directory)
  for (const path of strayDirectories()) rmSync(path, { recursive: true, force: true })
  return abandoned.map((ledger) => ledger.name)
}
