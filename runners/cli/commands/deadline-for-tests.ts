/** A run with a short deadline, and by how much it ends too late. */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Report } from '../../../reports/document/report.ts'
import { open } from '../../hosts/command/spawn.ts'

export const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
export const DEADLINE_S = 3
/** What the run itself may take beyond its deadline. */
export const SPARE_MS = 1000
/** Start of Node, judging and writing: twice what a run takes whose etcd refuses at once. */
let startMs = 0

/**
 * Milliseconds in which the first thread of a process would have worked and others had the processor (schedstat of
 * proc(5): time on a run queue): on a busy machine they are most of the time, and no fault of ours.
 */
function queuedMs(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return undefined // it has ended
  }
}

/** Between two looks at a process that runs, milliseconds. */
const LOOK_MS = 20

/** Runs a command to its end; `ms` is without the time in which it was not let to work. */
export async function timed(argv: readonly string[]) {
  const startedAt = performance.now()
  const command = await open(argv)
  let queued = 0
  const looks = setInterval(() => {
    queued = queuedMs(command.pid) ?? queued
  }, LOOK_MS)
  const [stdout, stderr, end] = await Promise.all([text(command.stdout), text(command.stderr), command.ended])
  clearInterval(looks)
  return { stdout, stderr, end, queued, ms: performance.now() - startedAt - queued }
}

export interface Outcome {
  readonly exit: unknown
  readonly report: Report | undefined
  readonly ms: number
  /** Milliseconds in which it was not let to work. */
  readonly queued: number
  readonly overMs: number
  readonly stderr: string
}

export async function doctor(words: readonly string[], prefix: readonly string[] = []): Promise<Outcome> {
  const argv = [...words, '--deadline', `${DEADLINE_S}`, '--format', 'json']
  const { end, stdout, stderr, ms, queued } = await timed([...prefix, process.execPath, BIN, ...argv])
  const report = stdout === '' ? undefined : (JSON.parse(stdout) as Report)
  return {
    exit: 'exit' in end ? end.exit : end,
    report,
    ms,
    queued,
    overMs: ms - DEADLINE_S * 1000 - startMs,
    stderr,
  }
}

/** Measures what is allowed for the start; gives it in milliseconds. */
export async function measureStart(): Promise<number> {
  const { ms } = await doctor(['check', '--host', 'local:', '--etcd', 'http://127.0.0.1:1'])
  startMs = 2 * ms
  return startMs
}
