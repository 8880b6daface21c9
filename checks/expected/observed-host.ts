/**
 * The facts of one host that an expected state is computed from, taken out of their
 * wrappers: links and addresses must be known, the rest may be absent.
 */

import type { FlanneldProcess } from '../model/daemon.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot, Fact, HostSnapshot } from '../model/snapshot.ts'
import type { SubnetEnv } from '../model/subnet-env.ts'
import { type FlanneldOptions, flanneldFor, flanneldOptions } from './flanneld-options.ts'

/** What expected state reads of a host. */
export interface ObservedHost {
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
  readonly routes: readonly Route[] | undefined
  readonly subnetEnv: SubnetEnv | undefined
  /** Absent when no flanneld runs or the fact is absent. */
  readonly flanneld: FlanneldProcess | undefined
  readonly options: FlanneldOptions | undefined
}

/** The facts, or why they are not enough. `prefix` chooses among several flanneld. */
export function observedHost(
  snapshot: HostSnapshot,
  prefix: string | undefined,
): ObservedHost | { readonly absent: string } {
  const { facts } = snapshot
  if (!facts.links.known) return { absent: `links are not known: ${facts.links.detail}` }
  if (!facts.addresses.known) return { absent: `addresses are not known: ${facts.addresses.detail}` }
  const flanneld = facts.flanneld.known ? flanneldFor(facts.flanneld.value, prefix) : undefined
  return {
    links: facts.links.value,
    addresses: facts.addresses.value,
    routes: knownValue(facts.routes),
    subnetEnv: knownValue(facts.subnetEnv),
    flanneld,
    options: flanneld ? flanneldOptions(flanneld) : undefined,
  }
}

/** The prefix of the leases in etcd, by which one of several flanneld is chosen; undefined in Kubernetes. */
export function leasePrefix({ datastore }: ClusterSnapshot): string | undefined {
  return knownValue(datastore.etcd)?.prefix
}

/** The value of a fact, undefined when absent. */
export function knownValue<T>(fact: Fact<T>): T | undefined {
  return fact.known ? fact.value : undefined
}

/**
 * The host's IPv4 addresses that can be a public IP: those of loopback, of flannel's own links
 * and of container bridges are left out. An underlay inside the flannel network is left in: as
 * long as no subnet is leased there (SubnetMin, SubnetMax) it is a legal plan.
 */
export function underlayAddresses(host: ObservedHost, config: NetworkConfig): readonly LinkAddress[] {
  const bridges = new Set(host.links.filter(({ kind }) => kind === 'bridge').map(({ name }) => name))
  return host.addresses.filter(({ prefix, link, scope }) => {
    if (!prefix || scope === 'host' || isOverlayLink(link)) return false
    return !(bridges.has(link) && isLeasable(prefix.address, config))
  })
}

/** flannel's links, Docker's bridges and the CNI bridge by the names they are given. */
function isOverlayLink(name: string): boolean {
  return /^(flannel[\w.-]*|docker0|cni0|br-[0-9a-f]{12})$/.test(name)
}

function isLeasable(address: number, { subnetMin, subnetMax, subnetLength }: NetworkConfig): boolean {
  return address >= subnetMin && address < subnetMax + 2 ** (32 - subnetLength)
}
