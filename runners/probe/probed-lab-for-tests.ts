/** A lab that is probed and judged as `check --probe` does it. */
import type { Report } from '../../reports/document/report.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { labExec } from '../lab/running/exec.ts'
import type { LabState } from '../lab/running/state.ts'
import { collectCluster } from '../run/collecting/collect-cluster.ts'
import { judge } from '../run/judging/judge.ts'
import { JUDGE_ALL } from '../run/run-inventory.ts'
import { runRecord } from '../run/run-record.ts'
import { probeCluster } from '../run/steps/probe-cluster.ts'

const LIMIT_MS = 60_000

/** The report of a lab. */
export async function probe(lab: LabState): Promise<Report> {
  const settings = { concurrency: 8, signal: AbortSignal.timeout(LIMIT_MS) }
  const inventory = await loadInventory(lab.inventory)
  const { snapshot, commands } = await probeCluster(
    await collectCluster(inventory, settings),
    inventory,
    settings,
  )
  const run = runRecord(Date.now(), { level: 'probe' })
  return judge(snapshot, { run, commands }, JUDGE_ALL)
}

/** Looks again where something had no time to answer: what cannot be judged at all stays so. */
export async function decided<T extends { readonly report: Report }>(
  look: () => Promise<T>,
  attempts = 3,
): Promise<T> {
  const seen = await look()
  return seen.report.verdict === 'undecided' && attempts > 1 ? decided(look, attempts - 1) : seen
}

/** Runs a command on a host of the lab. Rejects where it fails. */
export async function on(lab: LabState, target: string, argv: readonly string[]): Promise<void> {
  const { end, stderr } = await labExec(lab, target, { argv })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${argv.join(' ')} on ${target}: ${stderr}`)
}

/** `CODE HOST PEER > CODES OF SYMPTOMS` of each cause. */
export function causes({ causes: all }: Report): string[] {
  return all.map(({ code, subject: { host = '-', peer = '-' }, explains }) =>
    `${code} ${host} ${peer} > ${explains.map((each) => each.code).join(' ')}`.trim(),
  )
}
