/** The cgroups of a lab's containers, one below each hierarchy (cgroup v1) or one in all (v2). */
import { existsSync, lstatSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { entriesOf, type Ledger } from '../ledger/ledger.ts'

const CGROUP_ROOT = '/sys/fs/cgroup'

/** Directories of the lab's cgroups that exist. Hierarchies that are only a second name of another are left out. */
export function cgroupPaths(ledger: Ledger): readonly string[] {
  const names = entriesOf(ledger, 'cgroup').map((entry) => entry.name)
  if (names.length === 0 || !existsSync(CGROUP_ROOT)) return []
  const hierarchies = ['.', ...readdirSync(CGROUP_ROOT)].filter((name) =>
    lstatSync(join(CGROUP_ROOT, name)).isDirectory(),
  )
  return [...new Set(names)]
    .flatMap((name) => hierarchies.map((hierarchy) => join(CGROUP_ROOT, hierarchy, name)))
    .filter((path) => existsSync(path))
}

function subdirectories(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
}

/** True for what is meant by "somebody else removed it just now". */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ENODEV'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** Processes in a cgroup and below it. */
export function processesOfCgroup(path: string): readonly number[] {
  try {
    const own = readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    return [...own, ...subdirectories(path).flatMap(processesOfCgroup)]
  } catch (error) {
    if (isGone(error)) return []
    throw error
  }
}

/** Where a hierarchy keeps whether its processes are stopped, and the word that lets them run: v1 and v2. */
const FREEZERS = [
  ['freezer.state', 'THAWED'],
  ['cgroup.freeze', '0'],
] as const

/** Lets the processes of a cgroup and below it run: those of a paused container do not even hear SIGKILL under v1. */
export function thawCgroup(path: string): void {
  try {
    for (const [file, word] of FREEZERS) {
      if (existsSync(join(path, file))) writeFileSync(join(path, file), word)
    }
    for (const child of subdirectories(path)) thawCgroup(child)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Removes a cgroup that has no processes left. */
export function removeCgroup(path: string): void {
  try {
    for (const child of subdirectories(path)) removeCgroup(child)
    rmdirSync(path)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}
