/** What labs there are and whether their parts still run. */

import { present } from '../../../checks/model/present.ts'
import { isRunning } from '../../hosts/process-identity.ts'
import { type Ledger, listLedgers } from '../ledger/ledger.ts'
import { type LabState, readyLabs } from './state.ts'

export interface LabStatus {
  readonly name: string
  /** `starting`: its maker is at work. `abandoned`: its maker is gone; the next lab up removes it. */
  readonly phase: 'starting' | 'ready' | 'abandoned'
  readonly ephemeral: boolean
  /** Daemons, with whether they run. */
  readonly daemons: readonly { readonly role: string; readonly pid: number; readonly running: boolean }[]
  /** Absent until the lab is ready. */
  readonly lab?: LabState
}

function phase(ledger: Ledger): LabStatus['phase'] {
  const isOwned = isRunning(ledger.owner)
  if (ledger.ready && (isOwned || !ledger.ephemeral)) return 'ready'
  return isOwned ? 'starting' : 'abandoned'
}

/** Every lab of this machine, by name. */
export function labStatus(): readonly LabStatus[] {
  const states = new Map(readyLabs().map((lab) => [lab.name, lab]))
  return listLedgers().map((ledger) => {
    const daemons = ledger.entries
      .filter((entry) => entry.kind === 'process')
      .map(({ role, process }) => ({ role, pid: process.pid, running: isRunning(process) }))
    const lab = states.get(ledger.name)
    const { name, ephemeral } = ledger
    return { name, phase: phase(ledger), ephemeral, daemons, ...present({ lab }) }
  })
}
