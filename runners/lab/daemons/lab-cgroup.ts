/** The cgroups of a lab's containers, one below each hierarchy (cgroup v1) or one in all (v2). */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { entriesOf, type Ledger } from '../ledger/ledger.ts'

const CGROUP_ROOT = '/sys/fs/cgroup'

/** Those that are only a second name of another are left out. */
const hierarchies = (): readonly string[] =>
  readdirSync(CGROUP_ROOT)
    .map((name) => join(CGROUP_ROOT, name))
    .filter((path) => lstatSync(path).isDirectory())

/** Directories of the lab's cgroups that exist. */
export function cgroupPaths(ledger: Ledger): readonly string[] {
  const names = entriesOf(ledger, 'cgroup').map((entry) => entry.name)
  if (names.length === 0 || !existsSync(CGROUP_ROOT)) return []
  const roots = [CGROUP_ROOT, ...hierarchies()]
  return [...new Set(names)]
    .flatMap((name) => roots.map((root) => join(root, name)))
    .filter((path) => existsSync(path))
}

/** Writes what `from` says into `to`; what the kernel refuses is as it was. */
function takeOver(from: string, to: string, edit = (text: string) => text): void {
  try {
    writeFileSync(to, edit(readFileSync(from, 'utf8')))
  } catch {} // whoever needs it will say so
}

/** In a v1 hierarchy of processors a new cgroup has none until it is told (cpuset(7)). */
function lay(root: string, name: string): void {
  const path = join(root, name)
  if (name === '.' || existsSync(path)) return
  lay(root, dirname(name))
  mkdirSync(path)
  const parent = dirname(path)
  for (const file of ['cpuset.cpus', 'cpuset.mems'].filter((one) => existsSync(join(path, one))))
    takeOver(join(parent, file), join(path, file))
}

/** Makes a cgroup, which a ledger must name, for somebody who makes others below it and not itself. */
export function makeCgroup(name: string): void {
  const isV2 = existsSync(join(CGROUP_ROOT, 'cgroup.controllers'))
  for (const root of isV2 ? [CGROUP_ROOT] : hierarchies()) lay(root, name)
  if (!isV2) return
  // cgroups(7): a controller is there where the parent hands it down.
  for (const part of ['.', dirname(name), name]) {
    const path = join(CGROUP_ROOT, part)
    const all = (text: string): string => text.trim().replaceAll(/(\w+)/g, '+$1')
    takeOver(join(path, 'cgroup.controllers'), join(path, 'cgroup.subtree_control'), all)
  }
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
