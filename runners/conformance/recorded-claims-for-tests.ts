/** Claims about recorded networks, and that a broken one breaks just its clauses. */
import { fileURLToPath } from 'node:url'
import type { ExecutionContext } from 'ava'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import type { ReportClaim } from '../../reports/document/certificate.ts'
import type { Report } from '../../reports/document/report.ts'
import { RUN } from '../../reports/run-for-tests.ts'
import { judge } from '../run/judging/judge.ts'
import { loadCluster } from '../run/saved/saved-cluster.ts'
import { certify } from './certify.ts'
import { LOSSES } from './recorded-losses-for-tests.ts'

const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url))

/** The report of a recorded state with its certificate. */
export async function certified(state: string, strict = false): Promise<Report> {
  const { snapshot } = await loadCluster(`${FIXTURES}${state}`)
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  return certify(judge(snapshot, { run: RUN, commands: [] }, settings), snapshot, { profiles: [], strict })
}

/** Clauses that are not met. */
export function brokenIn(claims: readonly ReportClaim[]): readonly string[] {
  return [
    ...new Set(
      claims.flatMap(({ clauses }) =>
        clauses.filter(({ status }) => status === 'not-met').map(({ id }) => id),
      ),
    ),
  ]
}

/** Codes of what comes with a fault: losses, and a flanneld that is held where it would mend the fault at once. */
const comesAlong = (code: string): boolean =>
  code.startsWith('path/') || code.startsWith('daemon/process-state:')

/** Clauses that what comes along breaks, beside the clause that says what is wrong. */
const ALONG = new Map<string, readonly string[]>(
  CLAUSES.flatMap(({ id, proof }) =>
    'codes' in proof && proof.codes.every(comesAlong) ? [[id, proof.codes]] : [],
  ),
)

interface Expected {
  readonly fault: string
  readonly clauses: readonly string[]
}

/** The broken clauses of a report are exactly these, those of its losses, and those of what else comes along where it is found. */
export function breaksOnly(
  t: ExecutionContext,
  { conformance, results }: Report,
  { fault, clauses }: Expected,
): void {
  const broken = brokenIn(conformance)
  const found = new Set<string>(results.flatMap(({ findings }) => findings.map(({ code }) => code)))
  t.deepEqual(
    broken.filter((id) => !ALONG.has(id)),
    clauses,
  )
  const losses = Object.keys(LOSSES).filter((id) => LOSSES[id]?.includes(fault))
  t.deepEqual(
    losses.filter((id) => !broken.includes(id)),
    [],
  )
  for (const [id, codes] of ALONG) {
    const isFound = codes.some((code) => found.has(code))
    t.is(broken.includes(id), isFound, id)
  }
}
