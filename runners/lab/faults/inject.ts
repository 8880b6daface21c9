/** Breaks a lab with a fault and remembers what was done, so that it can be undone later. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { present } from '../../../checks/model/present.ts'
import { FAULTS } from '../../../fixtures/all-faults.ts'
import { type Fault, type FaultContext, isFor, type Step } from '../../../fixtures/fault.ts'
import { textIfThere } from '../../files/text-if-there.ts'
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
  /** What undoes one of a plugin, which may not be there any more. */
  readonly heal?: readonly Step[]
}

const memory = (directory: string): string => join(directory, 'injected.json')

/** What is injected in a lab, oldest first. */
export function injectedIn(lab: LabState): readonly Injected[] {
  const text = textIfThere(memory(lab.directory))
  return text === undefined ? [] : (JSON.parse(text) as Injected[])
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
function verifyLab(lab: LabState, fault: Pick<Fault, 'id' | 'backends' | 'labs'>): void {
  const ledger = readLedger(lab.directory)
  if (ledger?.ready !== true || ledger.token !== lab.token)
    usage(`lab ${lab.name} is not up (see: flannel-doctor lab status)`)
  const datastore = lab.kubernetes === undefined ? 'etcd' : 'kubernetes'
  if (!isFor(fault, datastore)) usage(`${fault.id} is not for labs that have their leases in ${datastore}`)
  if (!fault.backends.includes(lab.backend)) {
    usage(`${fault.id} needs the backend ${fault.backends.join(' or ')}; lab ${lab.name} runs ${lab.backend}`)
  }
}

/** A fault of a plugin as steps. */
export interface ForeignFault extends Pick<Fault, 'id' | 'title' | 'backends'> {
  readonly steps: (context: FaultContext) => Readonly<Record<'inject' | 'heal' | 'settle', readonly Step[]>>
}

interface InjectingSteps extends Pick<Injected, 'heal'> {
  readonly inject: readonly Step[]
  readonly settle?: readonly Step[]
}

function stepsIn(fault: Fault | ForeignFault, context: FaultContext): InjectingSteps {
  if ('steps' in fault) return fault.steps(context)
  return { inject: fault.inject(context), ...present({ settle: fault.settle?.(context) }) }
}

function undoing(fault: Fault | ForeignFault, context: FaultContext): readonly Step[] {
  if ('steps' in fault) return fault.steps(context).heal
  return fault.heal === 'new lab' ? [] : fault.heal(context)
}

/**
 * Injects a fault into a lab in which that fault's heal finds nothing to undo; what was injected
 * stays until `heal`. `lab` is read again from disk: a restarted flanneld changes it.
 * Throws LabError when a step fails.
 */
export async function inject(name: string, fault: Fault | ForeignFault, aim: FaultAim): Promise<void> {
  const lab = findLab(name)
  verifyLab(lab, fault)
  const before = injectedIn(lab)
  const context = await readContext(lab, aim)
  const site: Site = { lab, context }
  const { inject: injecting, settle = [], ...kept } = stepsIn(fault, context)
  const steps = [...injecting, ...settle, ...undoing(fault, context)]
  if (lab.kubernetes?.cluster && steps.some((step) => 'flanneld' in step))
    usage(`${fault.id} stops or starts flanneld: in a cluster its kubelet does`)
  remember(lab, [...before, { fault: fault.id, context, ...kept }])
  await doSteps(site, injecting)
  await doSteps(site, settle)
}
