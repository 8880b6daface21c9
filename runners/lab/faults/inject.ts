/** Breaks a lab with a fault and remembers what was done, so that it can be undone later. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FAULTS } from '../../../fixtures/all-faults.ts'
import type { Fault, FaultContext } from '../../../fixtures/fault.ts'
import { nearestName } from '../../nearest-name.ts'
import { usage } from '../lab-error.ts'
import { readLedger } from '../ledger/ledger.ts'
import { findLab, type LabState } from '../running/state.ts'
import { type FaultAim, readContext } from './fault-context.ts'
import { doSteps, type Site } from './fault-steps.ts'

/** One fault in a lab, with what was there before it. */
export interface Injected {
  readonly fault: string
  readonly context: FaultContext
}

const memory = (directory: string): string => join(directory, 'injected.json')

/** What is injected in a lab, oldest first. */
export function injectedIn(lab: LabState): readonly Injected[] {
  const path = memory(lab.directory)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Injected[]) : []
}

/** Writes down what is injected; nothing removes the file. */
export function remember(lab: LabState, injected: readonly Injected[]): void {
  const path = memory(lab.directory)
  if (injected.length === 0) rmSync(path, { force: true })
  else writeFileSync(path, `${JSON.stringify(injected)}\n`)
}

/** The fault of that name. Throws LabError for a name there is none of. */
export function findFault(id: string): Fault {
  const found = FAULTS.find((fault) => fault.id === id)
  if (found !== undefined) return found
  const guess = nearestName(
    id,
    FAULTS.map((fault) => fault.id),
  )
  return usage(
    `no fault ${id}${guess === undefined ? '' : `; did you mean ${guess}`} (see: flannel-doctor list faults)`,
  )
}

/** Refuses everything that is not a lab of this machine and ready: faults are for nothing else. */
function verifyLab(lab: LabState, fault: Fault): void {
  const ledger = readLedger(lab.directory)
  if (ledger?.ready !== true || ledger.token !== lab.token)
    usage(`lab ${lab.name} is not up (see: flannel-doctor lab status)`)
  if (!fault.backends.includes(lab.backend)) {
    usage(`${fault.id} needs the backend ${fault.backends.join(' or ')}; lab ${lab.name} runs ${lab.backend}`)
  }
}

/**
 * Injects a fault into a lab in which that fault's heal finds nothing to undo; what was injected
 * stays until `heal`. `lab` is read again from disk: a restarted flanneld changes it.
 * Throws LabError when a step fails.
 */
export async function inject(name: string, fault: Fault, aim: FaultAim): Promise<void> {
  const lab = findLab(name)
  verifyLab(lab, fault)
  const before = injectedIn(lab)
  const context = await readContext(lab, aim)
  const site: Site = { lab, context }
  remember(lab, [...before, { fault: fault.id, context }])
  await doSteps(site, fault.inject(context))
  await doSteps(site, fault.settle?.(context) ?? [])
}
