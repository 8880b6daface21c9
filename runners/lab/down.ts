/** Removes labs: their processes, namespaces, mounts, cgroups and directories. Safe to repeat and to run twice at once. */
import { existsSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { NETNS_DIR } from '../netns.ts'
import { killGroup } from '../spawn.ts'
import { $ } from '../zx.ts'
import { LabError } from './lab-error.ts'
import {
  isAbandoned,
  type Ledger,
  labDirectory,
  listLedgers,
  readLedger,
  strayDirectories,
} from './ledger.ts'
import { isRunning, processesOfLab } from './process-identity.ts'

const CGROUP_ROOT = '/sys/fs/cgroup'
/** A killed process is gone within milliseconds; dockerd with a busy disk took 2 s at worst. */
const KILL_DEADLINE_MS = 10_000
const POLL_MS = 10

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function of<K extends Ledger['entries'][number]['kind']>(ledger: Ledger, kind: K) {
  return ledger.entries.filter((entry) => entry.kind === kind) as Extract<
    Ledger['entries'][number],
    { kind: K }
  >[]
}

function cgroupPaths(ledger: Ledger): readonly string[] {
  const names = of(ledger, 'cgroup').map((entry) => entry.name)
  if (names.length === 0 || !existsSync(CGROUP_ROOT)) return []
  const hierarchies = ['.', ...readdirSync(CGROUP_ROOT)]
  return names
    .flatMap((name) => hierarchies.map((hierarchy) => join(CGROUP_ROOT, hierarchy, name)))
    .filter((path) => existsSync(path))
}

function subdirectories(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
}

function processesOfCgroup(path: string): readonly number[] {
  const own = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
  return [...own, ...subdirectories(path).flatMap(processesOfCgroup)]
}

function removeCgroup(path: string): void {
  for (const child of subdirectories(path)) removeCgroup(child)
  rmdirSync(path)
}

/** Kills until none is left: a process may fork while it is being looked for. */
async function killProcesses(ledger: Ledger): Promise<void> {
  const namespaces = of(ledger, 'namespace').map((entry) => entry.name)
  const deadline = performance.now() + KILL_DEADLINE_MS
  for (;;) {
    const recorded = of(ledger, 'process')
      .map((entry) => entry.process)
      .filter(isRunning)
    for (const { pid } of recorded) killGroup(pid, 'SIGKILL')
    const found = [
      ...processesOfLab(ledger.token, namespaces),
      ...cgroupPaths(ledger).flatMap(processesOfCgroup),
    ]
    for (const pid of found) kill(pid)
    if (recorded.length === 0 && found.length === 0) return
    if (performance.now() > deadline) {
      throw new LabError('failed', `processes of lab ${ledger.name} do not end: ${found.join(', ')}`)
    }
    await pause(POLL_MS)
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

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
  await killProcesses(ledger)
  for (const { name } of of(ledger, 'namespace')) await removeNamespace(name)
  for (const path of cgroupPaths(ledger)) removeCgroup(path)
  for (const { path } of of(ledger, 'directory')) {
    await unmountBelow(path)
    rmSync(path, { recursive: true, force: true })
  }
  await unmountBelow(ledger.directory)
  removeAside(ledger.directory)
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

/**
 * Removes the lab of that name, or without a name every lab made to be kept. Gives the names of
 * the labs removed; a lab that is not there is none. Throws LabError when something cannot be removed.
 */
export async function labDown(name?: string): Promise<readonly string[]> {
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
  for (const ledger of abandoned) await remove(ledger)
  for (const path of strayDirectories()) rmSync(path, { recursive: true, force: true })
  return abandoned.map((ledger) => ledger.name)
}
