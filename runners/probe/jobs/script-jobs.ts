/** What the scripts that one host runs for many probes have in common: their jobs, and what became of each. */
import { parseAddress } from '../../../checks/model/address.ts'
import type { SendProblem } from '../../../checks/model/observation.ts'
import { oneLine } from '../../collect/section/absence.ts'
import { type Frame, parseFrames } from '../../collect/section/frames.ts'
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

/** Jobs that are started beside each other; the next follow when these have ended. */
export function wavesOf<T>(jobs: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(jobs.length / WAVE) }, (_, at) =>
    jobs.slice(at * WAVE, (at + 1) * WAVE),
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

/** What the jobs said, by their names; of a job that speaks twice the first. */
export function jobFrames(stdout: Uint8Array, token: string): ReadonlyMap<string, Frame> {
  return new Map(
    parseFrames(stdout, token)
      .reverse()
      .map((frame) => [frame.name, frame]),
  )
}

/** A job's exit status; undefined where it was cut off. */
export function exitOf(frame: Frame | undefined): number | undefined {
  const end = frame?.end
  return end !== undefined && 'exit' in end ? end.exit : undefined
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
