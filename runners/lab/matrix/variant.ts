/** Brings a healthy configuration up on real flanneld, proves that it works, and judges it. */

import type { Verdict } from '../../../checks/verdict/verdict.ts'
import type { LabVariant } from '../../../fixtures/lab.ts'
import type { Report, ReportFinding } from '../../../reports/document/report.ts'
import { proveOverlay } from '../build/overlay-ping.ts'
import { withLab } from '../build/up.ts'
import { prove, runSteps } from '../build/variant-steps.ts'
import type { WaitBounds } from '../wait.ts'
import { judgeLab } from './judge-lab.ts'
import { undecidedOf } from './matrix-result.ts'

/** What the doctor says about a healthy network. Anything in `findings` is a false alarm. */
export interface VariantJudgement {
  readonly variant: string
  readonly verdict: Verdict
  /** Codes above info. */
  readonly findings: readonly string[]
  /** Codes of findings for information. */
  readonly infos: readonly string[]
  /** `CHECK on HOST: reason` of everything that could not be judged. */
  readonly undecided: readonly string[]
  /** From the first step to the verdict. */
  readonly seconds: number
  readonly report: Report
}

export interface VariantOptions {
  /** Called with one line per step. */
  readonly log?: (line: string) => void
  readonly signal?: AbortSignal
  /** How long it may take until it is what it says and every path works, in milliseconds; default 10 s. */
  readonly settleMs?: number
}

/** A restarted flanneld writes its routes within a second, and repeats what failed every few seconds. */
const SETTLE_MS = 10_000

function judgementOf(report: Report): Omit<VariantJudgement, 'variant' | 'seconds'> {
  const found = report.results.flatMap(({ findings }) => findings)
  const codes = (isWanted: (finding: ReportFinding) => boolean): string[] =>
    [...new Set(found.filter(isWanted).map(({ code }) => code))].toSorted()
  return {
    verdict: report.verdict,
    findings: codes(({ severity }) => severity !== 'info'),
    infos: codes(({ severity }) => severity === 'info'),
    undecided: undecidedOf(report),
    report,
  }
}

/**
 * Brings the variant up in a lab of its own, pings between the containers of all hosts and judges it.
 * Throws LabError when it does not come up, is not what it says, or loses a packet: then it is no healthy network.
 */
export async function judgeVariant(
  variant: LabVariant,
  options: VariantOptions = {},
): Promise<VariantJudgement> {
  const startedAt = performance.now()
  const { settleMs = SETTLE_MS, ...labOptions } = options
  return withLab({ ...variant.settings, ...labOptions }, async (raised) => {
    const lab = await runSteps(raised, variant.after?.(raised) ?? [])
    const bounds: WaitBounds = { deadline: performance.now() + settleMs, signal: options.signal }
    await prove(lab, variant.proof(lab), bounds)
    await proveOverlay(lab, bounds)
    const judgement = judgementOf(await judgeLab(lab, options.signal))
    return { variant: variant.id, ...judgement, seconds: (performance.now() - startedAt) / 1000 }
  })
}
