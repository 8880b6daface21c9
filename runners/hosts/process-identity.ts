/**
 * Which process a pid meant. Pids are reused, so a process is its pid together with the time it
 * started (field 22 of /proc/PID/stat, proc_pid_stat(5), clock ticks since boot) and the boot.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { NETNS_DIR } from './netns.ts'

export interface ProcessIdentity {
  readonly pid: number
  readonly start: string
}

/** Environment variable that every daemon of a lab carries; its value is the lab's token. */
export const LAB_VARIABLE = 'FLANNEL_DOCTOR_LAB'

function text(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/**
 * The identity of a process that runs now; undefined when there is none. A zombie counts as none,
 * but not one whose other threads still finish a system call: its first thread ended before them.
 */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = text(`/proc/${pid}/stat`) ?? ''
  // The command name (field 2) may contain blanks and brackets; it ends at the last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, threads, start] = [fields[0], fields[17], fields[19]]
  const hasEnded = state === 'X' || (state === 'Z' && Number(threads) <= 1)
  if (start === undefined || hasEnded) return undefined
  const boot = text('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? ''
  return { pid, start: `${start}@${boot}` }
}

/** The pid that a process knows itself by, which is another one in a container (proc_pid_status(5), NSpid). */
export function ownPid(pid: number): number {
  const inner = /^NSpid:.*?(\d+)$/m.exec(text(`/proc/${pid}/status`) ?? '')?.[1]
  return inner === undefined ? pid : Number(inner)
}

/** The words a process was started with (/proc/PID/cmdline); undefined when there is no such process. */
export function commandWords(pid: number): readonly string[] | undefined {
  return text(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1)
}

/** True while exactly that process runs. */
export function isRunning(process: ProcessIdentity): boolean {
  return identify(process.pid)?.start === process.start
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid)
}

/** Inode of a named network namespace as /proc/PID/ns/net shows it; undefined when it does not exist. */
function namespaceLink(name: string): string | undefined {
  try {
    return `net:[${statSync(`${NETNS_DIR}/${name}`).ino}]`
  } catch {
    return undefined
  }
}

function networkOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    return ''
  }
}

function linkOf(path: string): readonly string[] {
  try {
    return [readlinkSync(path)]
  } catch {
    return [] // closed meanwhile, as a command does with most at its exec: the others still count
  }
}

function openFilesOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
  } catch {
    return [] // it has just ended
  }
}

/** Processes that have a file below that directory open; a command holds its log from the fork on, before it has its own environment. */
export function processesHolding(directory: string): readonly number[] {
  return allPids().filter((pid) => openFilesOf(pid).some((path) => path.startsWith(`${directory}/`)))
}

function inNetworks(namespaces: readonly string[]): (pid: number) => boolean {
  const links = new Set(namespaces.map(namespaceLink).filter((link) => link !== undefined))
  links.delete(networkOf(process.pid)) // never the machine's own network
  return (pid) => links.has(networkOf(pid))
}

/** Processes whose network is that namespace. */
export function processesIn(namespace: string): readonly number[] {
  return allPids().filter(inNetworks([namespace]))
}

/** Processes whose network is one of those namespaces, or whose environment carries the lab's token. */
export function processesOfLab(token: string, namespaces: readonly string[]): readonly number[] {
  const isIn = inNetworks(namespaces)
  const marker = `${LAB_VARIABLE}=${token}`
  return allPids().filter((pid) => {
    if (isIn(pid)) return true
    const environment = text(`/proc/${pid}/environ`)
    return environment?.split('\0').includes(marker) === true
  })
}
