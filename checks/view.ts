/** What a check is given: the facts that it declared, where they came from, and what flannel should have written. */
import type { ExpectedHost } from './expected/expected.ts'
import type {
  ClusterSnapshot,
  DatastoreFacts,
  FactName,
  HostFacts,
  HostName,
  Source,
} from './model/snapshot.ts'

/** The facts a check declared, narrowed to their values. */
export type Known<N extends FactName> = Pick<
  HostFacts & DatastoreFacts,
  Extract<N, keyof (HostFacts & DatastoreFacts)>
>

/** Where the declared facts came from, for evidence. */
export type Sources<N extends FactName> = Readonly<Record<N, Source>>

/** What a host check sees: its own host's facts, the datastore and the expected state. */
export interface HostView<N extends FactName> {
  readonly host: HostName
  readonly facts: Known<N>
  readonly sources: Sources<N>
  /** What flannel should have written here; see `needsExpected`. */
  readonly expected: ExpectedHost
  readonly cluster: ClusterContext
}

/** What a cluster check sees: the datastore facts it declared and, per host, the host facts it declared. */
export interface ClusterView<N extends FactName> {
  readonly facts: Known<N>
  readonly sources: Sources<N>
  /** Hosts on which every declared host fact is known. */
  readonly hosts: ReadonlyMap<
    HostName,
    { readonly facts: Known<N>; readonly sources: Sources<N>; readonly expected?: ExpectedHost }
  >
  readonly cluster: ClusterContext
}

/** Names and clock shared by all checks. */
export interface ClusterContext {
  /** Host names by public IP of their lease (as a number). */
  readonly hostByPublicIp: ReadonlyMap<number, HostName>
  /** Now, milliseconds since 1970, handed in by the run. */
  readonly now: number
  readonly snapshot: ClusterSnapshot
}
