/** What the matrix asks of a recording, so that it needs to know none. */
import type { Fault } from '../../../fixtures/fault.ts'
import type { FaultRow } from '../../../reports/matrix/matrix.ts'
import type { CollectedCluster } from '../../run/collecting/collect-cluster.ts'
import type { LabState } from '../running/state.ts'

/** One lab, healthy and then broken by a fault. */
export interface FaultLooks {
  readonly fault: Fault
  readonly lab: LabState
  readonly healthy: CollectedCluster
  readonly broken: CollectedCluster
}

/** What the matrix asks of a recording. */
export interface FaultRecording {
  readonly look: (lab: LabState) => Promise<CollectedCluster>
  /** The fault still lasts in the lab. */
  readonly write: (looks: FaultLooks, row: FaultRow) => Promise<void>
  /** One line that says what was recorded and what was not. */
  readonly summary: () => string
}
