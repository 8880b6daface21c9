/** `--only` and `--skip`: which checks run and which findings count. */
import { type Check, LAYERS, type Subject } from '../../../checks/check.ts'
import type { CheckResult } from '../../../checks/evaluate.ts'
import { InputError } from '../../input-error.ts'
import { nearestName } from '../../nearest-name.ts'

export interface Selection {
  /** Check ids, layers or full codes; empty selects everything. */
  readonly only: readonly string[]
  readonly skip: readonly string[]
  /** Of pods only those of this namespace. */
  readonly namespace?: string
}

/** The codes of its findings, `ID:ADJECTIVE`. */
export function codesOf(check: Check): string[] {
  return Object.keys(check.findings).map((code) => `${check.id}:${code}`)
}

function covers(selector: string, check: Check): boolean {
  const [id] = selector.split(':')
  return check.id === id || check.id.startsWith(`${selector}/`)
}

function verify(selectors: readonly string[], checks: readonly Check[], flag: string): void {
  const ids = checks.map(({ id }) => id)
  // Checks of a plugin are a layer of its own.
  const layers = new Set([...LAYERS, ...ids.map((id) => id.slice(0, id.indexOf('/')))])
  const names = [...layers, ...ids, ...checks.flatMap(codesOf)]
  for (const selector of selectors) {
    if (names.includes(selector)) continue
    const guess = nearestName(selector, names)
    throw new InputError(
      `${flag} ${selector}: no such layer, check or code${guess ? `; did you mean ${guess}` : ''} (see: flannel-doctor list checks)`,
    )
  }
}

/** The checks to run, in their order. Throws InputError for an unknown name. */
export function selectChecks(checks: readonly Check[], { only, skip }: Selection): readonly Check[] {
  verify(only, checks, '--only')
  verify(skip, checks, '--skip')
  const wholeSkips = skip.filter((selector) => !selector.includes(':'))
  return checks
    .filter((check) => only.length === 0 || only.some((selector) => covers(selector, check)))
    .filter((check) => !wholeSkips.some((selector) => covers(selector, check)))
}

/** A container is called as its pod, `NAMESPACE/NAME`; one of another name is no pod's. */
export function isInNamespace(container: string, namespace: string | undefined): boolean {
  return namespace === undefined || !container.includes('/') || container.startsWith(`${namespace}/`)
}

function isOfOthers({ kind, name = '' }: Subject, namespace: string | undefined): boolean {
  return kind === 'container' && !isInNamespace(name, namespace)
}

/** Drops findings whose code was not selected; a result left without any has passed. */
export function selectFindings(results: readonly CheckResult[], selection: Selection): CheckResult[] {
  const { only, skip, namespace } = selection
  const wanted = only.filter((selector) => selector.includes(':'))
  const unwanted = new Set(skip.filter((selector) => selector.includes(':')))
  if (wanted.length === 0 && unwanted.size === 0 && namespace === undefined) return [...results]
  return results.map((result) => {
    const codes = wanted.filter((code) => code.startsWith(`${result.check}:`))
    const findings = result.findings
      .filter(({ code }) => codes.length === 0 || codes.includes(code))
      .filter(({ code }) => !unwanted.has(code))
      .filter(({ subject }) => !isOfOthers(subject, namespace))
    if (findings.length === result.findings.length) return result
    return { ...result, findings, outcome: findings.length === 0 ? 'pass' : result.outcome }
  })
}
