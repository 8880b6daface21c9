/** The trace command in a lab, and what it reports. */
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { fromJSONSchema } from 'zod'
import { present } from '../../../checks/model/present.ts'
import type { Report, ReportTrace } from '../../../reports/document/report.ts'
import { killGroup, open } from '../../hosts/command/spawn.ts'
import { netnsRunner } from '../../hosts/netns.ts'
import type { LabState } from '../../lab/running/state.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'

export const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const schema = fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../../reports/report.schema.json', import.meta.url), 'utf8')),
)

interface Said {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

export async function doctor(...argv: readonly string[]): Promise<Said> {
  const { pid, ended, ...command } = await open([process.execPath, BIN, ...argv])
  const timer = setTimeout(() => killGroup(pid, 'SIGKILL'), 60_000)
  const [end, stdout, stderr] = await Promise.all([ended, text(command.stdout), text(command.stderr)])
  clearTimeout(timer)
  return { exit: 'exit' in end ? end.exit : -1, stdout, stderr }
}

interface Traced {
  readonly exit: number
  readonly report: Report
  readonly request: ReportTrace
  readonly reply?: ReportTrace
}

export async function traced(
  t: ExecutionContext,
  lab: LabState,
  ...more: readonly string[]
): Promise<Traced> {
  const { exit, stdout, stderr } = await doctorHere(
    ...['trace', 'h1/h1c1', 'h2/h2c1', '--inventory', lab.inventory, '--format', 'json', ...more],
  )
  t.not(stdout, '', stderr)
  const parsed = JSON.parse(stdout)
  t.true(schema.safeParse(parsed).success, schema.safeParse(parsed).error?.message)
  const report = parsed as Report
  const [request, reply] = report.traces
  if (request === undefined) throw new Error('the report has no trace')
  return { exit, report, request, ...present({ reply }) }
}

/** `h1 flannel.1`: the last link that saw it. */
export function lastSeen({ hops, lastSeen: at }: ReportTrace): string | undefined {
  const hop = at === undefined ? undefined : hops[at]
  return hop && [hop.host, hop.container, hop.link].filter((word) => word !== undefined).join(' ')
}

export function namespaceOf(lab: LabState, at: 'h1' | 'h2' | 'h3' | 'h2c1' | 'switch'): string {
  const [first, second, third] = lab.hosts
  const all = {
    h1: first?.namespace,
    h2: second?.namespace,
    h3: third?.namespace,
    h2c1: second?.containers[0]?.namespace,
    switch: lab.switchNamespace,
  }
  return all[at] ?? ''
}

export async function sh(
  lab: LabState,
  at: Parameters<typeof namespaceOf>[1],
  script: string,
): Promise<void> {
  const { end, stderr } = await netnsRunner(at, namespaceOf(lab, at)).run(['sh', '-c', script])
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${script}: ${stderr}`)
}
