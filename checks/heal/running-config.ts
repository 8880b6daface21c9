/**
 * The network configuration that hosts still work with, as far as they keep a trace of it: Network in subnet.env, the
 * length, backend and VNI of leases, the port of the vxlan link. For a key that is gone or cannot be read any more.
 */

import { knownValue } from '../expected/observed-host.ts'
import { formatPrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** flannel's own defaults, which need not be written (`pkg/subnet/config.go`, `pkg/backend/vxlan/vxlan.go`). */
const DEFAULT = { subnetLength: 24, vni: 1, port: 8472 }

/** The one value of all; undefined where there is none or they differ. */
function only<T>(values: readonly (T | undefined)[]): T | undefined {
  const [first, ...others] = [...new Set(values)]
  return others.length === 0 ? first : undefined
}

/** Network of every subnet.env that says one; undefined for a network of IPv6 too, whose options it does not tell. */
export function runningNetwork({ hosts }: ClusterSnapshot): string | undefined {
  const files = [...hosts.values()].flatMap(({ facts }) => knownValue(facts.subnetEnv) ?? [])
  if (files.some(({ otherLines }) => otherLines.some((line) => line.includes('IPV6')))) return undefined
  return only(files.flatMap(({ network }) => (network === undefined ? [] : [formatPrefix(network)])))
}

function vxlanPort({ hosts }: ClusterSnapshot): number | undefined {
  const links = [...hosts.values()].flatMap(({ facts }) => knownValue(facts.links) ?? [])
  return only(links.flatMap(({ name, vxlan }) => (vxlan && name.startsWith('flannel') ? [vxlan.port] : [])))
}

function leasesOf({ datastore }: ClusterSnapshot): readonly Lease[] {
  return knownValue(datastore.leases)?.leases ?? []
}

/** Length of all leases. */
export function runningLength(snapshot: ClusterSnapshot): number | undefined {
  return only(leasesOf(snapshot).map(({ subnet }) => subnet.length))
}

/** The type that all leases are of; those of udp say none, and its link does. */
export function runningType(snapshot: ClusterSnapshot): string | undefined {
  const [leases, { hosts }] = [leasesOf(snapshot), snapshot]
  if (new Set(leases.map(({ backendType }) => backendType)).size !== 1) return undefined
  const hasTun = [...hosts.values()].some(({ facts }) =>
    knownValue(facts.links)?.some(({ name, kind }) => kind === 'tun' && name.startsWith('flannel')),
  )
  return leases[0]?.backendType ?? (hasTun ? 'udp' : undefined)
}

function backendOf(type: string, snapshot: ClusterSnapshot): Readonly<Record<string, unknown>> {
  if (type !== 'vxlan') return { Type: type }
  const [vni, port] = [only(leasesOf(snapshot).map((lease) => lease.vni)), vxlanPort(snapshot)]
  return {
    Type: type,
    ...(vni !== undefined && vni !== DEFAULT.vni && { VNI: vni }),
    ...(port !== undefined && port !== DEFAULT.port && { Port: port }),
  }
}

/** The text; undefined where hosts disagree or nothing is left. */
export function runningConfig(snapshot: ClusterSnapshot): string | undefined {
  const [network, length, type] = [runningNetwork(snapshot), runningLength(snapshot), runningType(snapshot)]
  if (network === undefined || length === undefined || type === undefined) return undefined
  return JSON.stringify({
    Network: network,
    ...(length !== DEFAULT.subnetLength && { SubnetLen: length }),
    Backend: backendOf(type, snapshot),
  })
}
