/** A run with a short deadline, and by how much it ends too late. */
import { fileURLToPath } from 'node:url'
import type { Report } from '../../../reports/report.ts'
import { run } from '../../hosts/command/spawn.ts'

export const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
export const DEADLINE_S = 3
/** What the run itself may take beyond its deadline. */
export const SPARE_MS = 1000
/** Start of Node, judging and writing: twice what a run takes whose etcd refuses at once, on a machine that may be busy. */
let startMs = 0

export interface Outcome {
  readonly exit: unknown
  readonly report: Report | undefined
  readonly overMs: number
  readonly stderr: string
}

export async function doctor(words: readonly string[], prefix: readonly string[] = []): Promise<Outcome> {
  const argv = [...words, '--deadline', `${DEADLINE_S}`, '--format', 'json']
  const { end, stdout, stderr, ms } = await run([...prefix, process.execPath, BIN, ...argv], {
    timeoutMs: 60_000,
  })
  const text = Buffer.from(stdout).toString('utf8')
  const report = text === '' ? undefined : (JSON.parse(text) as Report)
  return { exit: 'exit' in end ? end.exit : end, report, overMs: ms - DEADLINE_S * 1000 - startMs, stderr }
}

/** Measures what is allowed for the start; gives it in milliseconds. */
export async function measureStart(): Promise<number> {
  const startedAt = performance.now()
  await doctor(['check', '--host', 'local:', '--etcd', 'http://127.0.0.1:1'])
  startMs = 2 * (performance.now() - startedAt)
  return startMs
}
