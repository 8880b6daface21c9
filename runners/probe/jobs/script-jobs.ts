/** What the scripts that one host runs for many probes have in common: their jobs, and what became of each. */
import { parseAddress } from '../../../checks/model/address.ts'
import type { SendProblem } from '../../../checks/model/observation.ts'
import { oneLine } from '../../collect/section/absence.ts'
import { RunnerError } from '../../hosts/command/runner.ts'

/** Jobs of one host that run at the same time. */
export const WAVE = 64
/** What a wave may take beyond waiting for answers: starting its processes on a busy host. */
const START_MS = 4000

/** An address as a number, before it becomes a word of a script. Throws TypeError for what is no IPv4 literal. */
export function verifiedAddress(address: string): number {
  const value = parseAddress(address)
  if (value === undefined) throw new TypeError(`not an IPv4 address: ${address}`)
  return value
}

/** Throws TypeError for what is no port. */
export function verifyPort(port: number): void {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new TypeError(`not a port: ${port}`)
}

/** Jobs that are started beside each other, of each sender so many; the next follow when these have ended. */
export function wavesOf<T>(
  jobs: readonly T[],
  senderOf: (job: T) => string | undefined = () => undefined,
): readonly (readonly T[])[] {
  const parties = [...Map.groupBy(jobs, senderOf).values()]
  const waves = Math.max(0, ...parties.map((own) => Math.ceil(own.length / WAVE)))
  return Array.from({ length: waves }, (_, at) =>
    parties.flatMap((own) => own.slice(at * WAVE, (at + 1) * WAVE)),
  )
}

/** The lines of jobs that are started beside each other, with the shell waiting behind every wave. */
export function inWaves(jobLines: readonly string[]): readonly string[] {
  return wavesOf(jobLines).flatMap((lines) => [...lines, 'wait'])
}

/** Milliseconds after which a script is killed, of so many jobs that take so long each. */
export function patience(jobs: number, jobMs: number): number {
  return Math.ceil(jobs / WAVE) * (START_MS + jobMs)
}

/** Lines of one job that are kept. */
const MOST_LINES = 30

/**
 * The shell function `told NAME TEXT STATUS`: each line, its job before it, is one write. bash writes line by line into a
 * pipe as well, as much as 1,008 bytes at once, so lines of jobs that end together come in any order.
 */
export function toldFunction(token: string): string {
  return `told() {
  l=0
  set -f
  IFS='
'
  for line in $2; do
    [ $((l += 1)) -le ${MOST_LINES} ] && printf '${token} %s %.900s\\n' "$1" "$line"
  done
  unset IFS
  set +f
  printf '${token} %s= %s\\n' "$1" "$3"
}`
}

/** What one job said, without empty lines; without an exit status it was cut off. */
export interface ToldJob {
  readonly text: string
  readonly status?: number
}

/** What the jobs said, by their names; of a job that speaks twice the first. */
export function jobsTold(stdout: Uint8Array, token: string): ReadonlyMap<string, ToldJob> {
  const told = new Map<string, ToldJob>()
  const lines = new RegExp(`${token} ([a-z]\\d+)(?: (.*)|= (\\d{1,3}))$`, 'gm')
  for (const [, name = '', line = '', status] of Buffer.from(stdout).toString().matchAll(lines)) {
    const before = told.get(name)
    if (before?.status !== undefined) continue
    const text = before?.text ?? ''
    told.set(name, status === undefined ? { text: `${text}${line}\n` } : { text, status: Number(status) })
  }
  return told
}

/** What bash says last, without its name and line number. */
export function bashWords(text: string): string {
  const last = text.trim().split('\n').at(-1) ?? ''
  return oneLine(last.replace(/^.*: /, ''))
}

/** Why a command did not run on its host. Throws what is no failure of a host. */
export function unrunProblem(error: unknown): SendProblem {
  if (!(error instanceof RunnerError)) throw error
  const { problem } = error
  const why = problem === 'not-permitted' || problem === 'not-installed' ? problem : 'unreachable'
  return { why, detail: error.message }
}
