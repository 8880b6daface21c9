/** Which faults a matrix is about: ours, and those of plugins in the same shape. */
import { FAULTS } from '../../../fixtures/all-faults.ts'
import { type Fault, type FaultContext, isFor } from '../../../fixtures/fault.ts'
import { type LoadedFault, type LoadedPlugins, NO_PLUGINS } from '../../plugins/loaded-plugins.ts'
import { findFault } from '../faults/inject.ts'
import type { LabBackend } from '../plan/plan-config.ts'

/** What is asked for. */
interface AskedFaults {
  readonly backend: LabBackend
  /** Names of faults; empty takes all that apply to the backend. */
  readonly faults: readonly string[]
  readonly kubernetes?: true
  readonly plugins?: LoadedPlugins
}

/** One of a plugin as one of ours, with its steps beside: what undoes it is kept with the lab. */
function asOurs(fault: LoadedFault): Fault {
  const { cause, steps } = fault
  const { inject, heal, settle } = {
    inject: (context: FaultContext) => steps(context).inject,
    heal: (context: FaultContext) => steps(context).heal,
    settle: (context: FaultContext) => steps(context).settle,
  }
  return { ...fault, catalogue: [], expect: { cause }, inject, heal, settle }
}

/** The fault of that name, of plugins or ours. Throws LabError for a name there is none of. */
export function faultNamed(id: string, { faults }: LoadedPlugins = NO_PLUGINS): Fault {
  const foreign = faults.find((fault) => fault.id === id)
  return foreign === undefined ? findFault(id) : asOurs(foreign)
}

/** The faults asked for. Throws LabError for a name there is none of. */
export function chooseFaults({
  backend,
  faults,
  kubernetes,
  plugins = NO_PLUGINS,
}: AskedFaults): readonly Fault[] {
  const all = [...FAULTS, ...plugins.faults.map(asOurs)]
  const chosen = faults.length === 0 ? all : faults.map((id) => faultNamed(id, plugins))
  const datastore = kubernetes ? 'kubernetes' : 'etcd'
  return chosen.filter((fault) => fault.backends.includes(backend) && isFor(fault, datastore))
}
