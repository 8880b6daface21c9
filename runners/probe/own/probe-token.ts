/**
 * The name of one run of a probe, in everything it makes: capture processes, trace instances, nft tables,
 * directories. It says who made them and when, so that what a dead maker left can be told from what
 * is in use without asking anybody.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { identify, isRunning } from '../../hosts/process-identity.ts'

/** Environment variable of every process a probe starts; its value is the token. */
export const PROBE_VARIABLE = 'FLANNEL_DOCTOR_PROBE'
/** Directory below which a probe may make one of its own, named by its token. */
export const PROBES_DIR = '/run/flannel-doctor/probes'
/** Trace instances and nft tables have names that begin with this. */
export const NAME_PREFIX = 'flannel_doctor_'
/** No probe lasts as long: what is older and made elsewhere is nobody's any more. */
const LONGEST_RUN_MS = 3_600_000

const TOKEN = /^([0-9a-f]{8})_(\d{1,10})_(\d{1,20})_([0-9a-z]{1,11})_[0-9a-f]{8}$/

/** Eight hexadecimal digits that only processes of this boot and this pid namespace share. */
function thisPlace(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')
  const pids = readlinkSync('/proc/self/ns/pid')
  return createHash('sha256').update(`${boot}${pids}`).digest('hex').slice(0, 8)
}

function startOf(pid: number): string {
  return identify(pid)?.start.split('@')[0] ?? '0'
}

/** A token of this process. */
export function newProbeToken(): string {
  const { pid } = process
  const random = randomBytes(4).toString('hex')
  return `${thisPlace()}_${pid}_${startOf(pid)}_${Date.now().toString(36)}_${random}`
}

/** Whether a word is a token, so that it may be handed to a script. */
export function isProbeToken(word: string): boolean {
  return TOKEN.test(word)
}

/** Whether the maker of that token is gone. A maker elsewhere (another machine) is taken to be gone after an hour. */
export function isAbandoned(token: string): boolean {
  const match = TOKEN.exec(token)
  if (match === null) return false
  const [, place, pid, start, made = ''] = match
  if (place !== thisPlace()) return Date.now() - Number.parseInt(made, 36) > LONGEST_RUN_MS
  const now = identify(Number(pid))
  return now === undefined || now.start.split('@')[0] !== start || !isRunning(now)
}
