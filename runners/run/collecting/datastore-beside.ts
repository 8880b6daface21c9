/**
 * The datastore, read beside the hosts. Where an inventory leaves open what a running flanneld was told, the hosts are heard
 * first; but not all of them: one that hangs takes all the time there is, and leases are what everything is judged by.
 */
import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { HostSnapshot } from '../../../checks/model/snapshot.ts'
import type { DatastoreReading } from '../../datastore/reading.ts'
import type { HostTarget, Inventory } from '../../inventory/inventory.ts'
import { isInCluster, kubernetesOfNode } from '../../inventory/kubernetes-target.ts'
import { applyFlanneld } from '../../inventory/targets.ts'
import { type DatastoreTarget, readDatastore } from './read-datastore.ts'

/** Behind the first host that says where the datastore is: others mostly follow at once. */
const OTHERS_MS = 2000

interface AnsweredHost {
  readonly target: HostTarget
  readonly snapshot: HostSnapshot
}

/** Only flannel of Kubernetes reads its configuration from a file: where no flanneld was found it is inside k3s. */
function isKubernetesNode({ snapshot: { facts } }: AnsweredHost): boolean {
  return facts.netConf.known && facts.netConf.value.file !== undefined
}

/** The datastore as far as the running flanneld of the first host that has one can complete it. */
function completed(inventory: Inventory, hosts: readonly AnsweredHost[]): DatastoreTarget {
  for (const { target, snapshot } of hosts) {
    const { flanneld } = snapshot.facts
    const process = flanneld.known ? flanneld.value.processes[0] : undefined
    if (process !== undefined) return applyFlanneld(inventory, process, target.via)
  }
  const { etcd, kubernetes } = inventory
  const isOpen = kubernetes === undefined && etcd.endpoints === undefined
  const found = isOpen ? hosts.find(isKubernetesNode) : undefined
  if (found !== undefined) return { ...inventory, kubernetes: kubernetesOfNode(found.target.via) }
  return isOpen && isInCluster(process.env) ? { ...inventory, kubernetes: {} } : inventory
}

/** What was read, and where. */
interface Begun {
  readonly target: DatastoreTarget
  readonly reading: Promise<DatastoreReading>
}

const place = ({ etcd, kubernetes }: DatastoreTarget): readonly unknown[] => [etcd, kubernetes]

/** Reads the datastore of an inventory once that is known, at the latest when `whole` is called. */
export class DatastoreBeside {
  readonly #inventory: Inventory
  readonly #signal: AbortSignal
  /** Ends the wait for other hosts. */
  readonly #heard = new AbortController()
  readonly #answered = new Map<string, AnsweredHost>()
  #begun: Begun | undefined
  readonly #isComplete: boolean
  #isWaiting = false

  constructor(inventory: Inventory, signal: AbortSignal) {
    this.#inventory = inventory
    this.#signal = signal
    const { etcd, kubernetes } = inventory
    this.#isComplete = kubernetes !== undefined || (etcd.endpoints !== undefined && etcd.prefix !== undefined)
    if (this.#isComplete) this.#begin(inventory)
  }

  #begin(target: DatastoreTarget): Begun {
    const reading = readDatastore(target, this.#signal)
    reading.catch(() => {}) // awaited later; until then it must not count as unheard
    this.#begun = { target, reading }
    return this.#begun
  }

  #soFar(): DatastoreTarget {
    // In the order of the inventory, whichever answered first.
    const hosts = this.#inventory.hosts.flatMap(({ name }) => this.#answered.get(name) ?? [])
    return completed(this.#inventory, hosts)
  }

  /** A host has answered, or will not. */
  answered(host: AnsweredHost, waitMs = OTHERS_MS): void {
    this.#answered.set(host.target.name, host)
    if (this.#begun !== undefined || this.#isWaiting) return
    this.#isWaiting = true
    const wait = setTimeout(waitMs, undefined, { signal: this.#heard.signal, ref: false })
    wait.then(() => this.#beginWhereKnown()).catch(() => {})
  }

  #beginWhereKnown(): void {
    this.#isWaiting = false
    const target = this.#soFar()
    if (target.kubernetes !== undefined || target.etcd.endpoints !== undefined) this.#begin(target)
  }

  /** All hosts have answered that will. What was read elsewhere than they say now is read again, where there is time. */
  async whole(): Promise<{ readonly datastore: DatastoreTarget; readonly reading: DatastoreReading }> {
    this.#heard.abort()
    const begun = this.#begun
    const target = this.#isComplete ? this.#inventory : this.#soFar()
    const isSame = begun !== undefined && isDeepStrictEqual(place(begun.target), place(target))
    const chosen = begun !== undefined && (isSame || this.#signal.aborted) ? begun : this.#begin(target)
    return { datastore: chosen.target, reading: await chosen.reading }
  }
}
