/** The fault matrix of one backend: faults, pairs of them, and the healthy configurations. */

import { present } from '../../../checks/model/present.ts'
import type { LabVariant } from '../../../fixtures/lab.ts'
import { KUBERNETES_LABS, LABS } from '../../../fixtures/labs/index.ts'
import type { HealthyRow, Matrix } from '../../../reports/matrix/matrix.ts'
import { findFlanneld } from '../daemons/flanneld.ts'
import { LabError } from '../lab-error.ts'
import { planConfig } from '../plan/plan-config.ts'
import { type MatrixOptions, runFaults } from './matrix-faults.ts'
import { runPairs } from './matrix-pairs.ts'
import { traceSummary } from './matrix-trace-result.ts'
import { judgeVariant } from './variant.ts'

/** What is run besides the faults. */
export interface MatrixExtent {
  /** Pairs of faults to sample; none when undefined. */
  readonly pairs?: number
  /** The healthy configurations of the backend as well. */
  readonly healthy: boolean
}

/** What stands for findings of a configuration that does not come up: it is not shown to be healthy. */
const NO_LAB = 'lab:failed'

async function findingsOf(variant: LabVariant, { signal, say }: MatrixOptions): Promise<readonly string[]> {
  try {
    return (await judgeVariant(variant, { signal })).findings
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    say(`${variant.id}: ${error.message}`)
    return [NO_LAB]
  }
}

async function runHealthy(options: MatrixOptions): Promise<readonly HealthyRow[]> {
  const rows: HealthyRow[] = []
  const labs = options.kubernetes ? KUBERNETES_LABS : LABS
  for (const variant of labs.filter(({ settings }) => planConfig(settings).backend === options.backend)) {
    if (options.signal.aborted) break
    const findings = await findingsOf(variant, options)
    rows.push({ variant: variant.id, findings })
    options.say(`${findings.length === 0 ? 'ok  ' : 'FAIL'} healthy ${variant.id}  ${findings.join(', ')}`)
  }
  return rows
}

/** Runs it. Throws LabError when no lab can be brought up. */
export async function runMatrix(options: MatrixOptions, extent: MatrixExtent): Promise<Matrix> {
  const { version } = await findFlanneld(undefined, 'v3', options.say)
  const faults = await runFaults(options)
  const healthy = extent.healthy ? await runHealthy(options) : []
  const pairs = extent.pairs === undefined ? {} : { pairs: await runPairs(options, extent.pairs) }
  const trace = traceSummary(faults)
  return { backend: options.backend, flanneld: version, faults, healthy, ...pairs, ...present({ trace }) }
}
