/** What can be done to the hosts of a target. Each kind of target offers what it can; what is absent it cannot. */
import type { HostName } from '../../../checks/model/snapshot.ts'
import type { Inventory } from '../../inventory/inventory.ts'
import type { ApiRequest } from '../kubernetes/api-server.ts'

/** How a running flanneld is ended: asked to, or as a crash or the OOM killer does. */
export type EndingSignal = 'SIGTERM' | 'SIGKILL'

/** A key to write; without a time to live it stays until it is deleted. */
export interface DatastoreRecord {
  readonly key: string
  readonly value: string
  readonly ttlSeconds?: number
}

/** Edits of the datastore through the API that the target's flanneld speaks. */
export interface DatastoreControl {
  /** Keys and values under PREFIX/subnets. */
  keys(): Promise<ReadonlyMap<string, string>>
  put(record: DatastoreRecord): Promise<void>
  remove(key: string): Promise<void>
}

/** Stops and starts the datastore itself; `start` resolves when it answers again. */
export interface DatastoreService {
  stop(): Promise<void>
  start(): Promise<void>
}

/** The API of a cluster, asked as its administrator, and the server of it. */
export interface ClusterControl extends DatastoreService {
  /** Gives the answer; PATCH merges. */
  ask<T>(request: ApiRequest): Promise<T>
}

/** A host that was not there before: raised with flanneld and a container, and removed with its lease. */
export interface HostGrowth {
  /** Resolves when its flanneld has a subnet; gives its name. */
  add(): Promise<HostName>
  remove(host: HostName): Promise<void>
}

/** Commands on a host. */
export interface CommandControl {
  run(
    host: HostName,
    argv: readonly string[],
  ): Promise<{ readonly ok: boolean; readonly stdout: string; readonly stderr: string }>
}

/** The flanneld of each host. */
export interface FlanneldControl {
  /** Ends it and resolves when it is gone; nothing when none runs. */
  end(host: HostName, signal: EndingSignal): Promise<void>
  /** Starts it with the words it had and resolves when it has done all that it does at start. */
  start(host: HostName): Promise<void>
  isRunning(host: HostName): Promise<boolean>
  /**
   * Makes sure that how it ends can be told: where only its starter learns that, it is started again by us.
   * Nothing where it is not known.
   */
  adopt(host: HostName): Promise<void>
  /** How the last one ended, `exit 0` or `signal SIGKILL`; undefined where that is not known. */
  lastEnd(host: HostName): Promise<string | undefined>
  /** All that it has written so far. */
  log(host: HostName): Promise<string>
}

/** The abilities of a target. */
export interface Abilities {
  readonly flanneld?: FlanneldControl
  readonly commands?: CommandControl
  readonly datastore?: DatastoreControl
  readonly etcd?: DatastoreService
  readonly growth?: HostGrowth
  readonly cluster?: ClusterControl
}

export type Ability = keyof Abilities

/** A target that scenarios act on. */
export interface HostControl extends Abilities {
  /** As it is now: a restarted flanneld has another pid. */
  inventory(): Promise<Inventory>
}

/** What is said of a target that lacks an ability. */
export const LACKING: Readonly<Record<Ability, string>> = {
  flanneld: 'its flanneld cannot be stopped and started from here',
  commands: 'its hosts are not a lab whose links and routes may be changed',
  datastore: 'its leases may not be edited from here',
  etcd: 'its etcd cannot be stopped and started from here',
  growth: 'no host can be added to it',
  cluster: 'its nodes may not be edited from here',
}
