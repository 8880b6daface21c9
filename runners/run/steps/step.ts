/** What a run does between collecting and judging. */
import type { Report } from '../../../reports/document/report.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { CollectedCluster, CollectionSettings } from '../collecting/collect-cluster.ts'
import type { CaptureProof } from './followed.ts'

/** What a run has so far. */
export interface Gathered {
  readonly inventory: Inventory
  readonly collected: CollectedCluster
  /** Slices of captures that show where a followed packet passed. */
  readonly proofs: readonly CaptureProof[]
}

/** One thing done between collecting and judging. */
export interface Step {
  /** How far it goes; the report names the furthest. */
  readonly level: Report['run']['level']
  /** It sends packets: what killed runs left on the hosts is removed meanwhile. */
  readonly sends?: true
  /** It is done after a stop as well, with what there is. */
  readonly always?: true
  /** Rejects with InputError for what is known to be wrong before hosts are asked. */
  readonly verify?: () => Promise<void>
  /** Loads its code while hosts answer. */
  readonly load?: () => Promise<unknown>
  /** What the report says where a stop left this step behind; default: as if it had not begun. */
  readonly overdue?: (gathered: Gathered) => Gathered
  /** Rejects only with InputError, for what the command line asks and this network does not have. */
  readonly take: (gathered: Gathered, collection: CollectionSettings) => Promise<Gathered>
}
