/**
 * Which of flannel's designs a host runs. The version of the running binary decides;
 * without it the kernel state it left behind does.
 */

import { samePrefix } from '../model/address.ts'
import type { LinkAddress } from '../model/link.ts'
import type { EtcdApi, NetworkConfig } from '../model/network-config.ts'
import type { Route } from '../model/route.ts'

/**
 * `network-address` up to v0.6.x: flannel.VNI carries the network's length, one network route.
 * `network-route` v0.7.0 to v0.8.0: /32 and one network route, neighbours on demand.
 * `per-peer` v0.9.0 and later: /32, one onlink route, permanent neighbour and FDB entry per peer.
 */
export type VxlanDesign = 'network-address' | 'network-route' | 'per-peer'

/** What a version means for the state it writes. */
export interface Generation {
  /** As flanneld says; absent when unknown. */
  readonly version?: string
  readonly vxlan: VxlanDesign
  /** udp up to v0.10.0 puts the network's length on flannel0; v0.11.0 and later /32 and a network route. */
  readonly udp: 'network-address' | 'network-route'
  /** True when `vxlan` and `udp` were inferred from the kernel state. */
  readonly inferred: boolean
}

/** What is looked at when the version is unknown. */
export interface GenerationTraces {
  readonly addresses: readonly LinkAddress[]
  readonly routes: readonly Route[]
  /** v3 means v0.18.0 or later, which is one design only. */
  readonly api?: EtcdApi
  /** `VNI` in the own lease: written by v0.14.0 and later. */
  readonly leaseVni?: number
}

/** Major, minor and patch of `v0.28.9`, `0.7.1` or `v0.14.0-rc1`; undefined for anything else (`dev`). */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?:[-+.].*)?$/.exec(text.trim())
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined
}

/** Negative, zero or positive as `a` is older than, equal to or newer than `b`; undefined when either is no version. */
export function compareVersions(a: string, b: string): number | undefined {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  if (!left || !right) return undefined
  return left[0] - right[0] || left[1] - right[1] || left[2] - right[2]
}

/** True when `version` is `since` or newer, false when older, undefined when it is unknown. */
export function isSince(version: string | undefined, since: string): boolean | undefined {
  const order = version === undefined ? undefined : compareVersions(version, since)
  return order === undefined ? undefined : order >= 0
}

/** The etcd API a version speaks: v2 up to v0.17.0, v3 from v0.18.0 (`pkg/subnet/etcd/registry.go`); undefined when unknown. */
export function etcdApiOf(version: string | undefined): EtcdApi | undefined {
  const isRecent = isSince(version, 'v0.18.0')
  return isRecent === undefined ? undefined : isRecent ? 'v3' : 'v2'
}

/** The design behind a version, or behind the kernel state where the version is unknown. */
export function generationOf(
  version: string | undefined,
  traces: GenerationTraces,
  config: NetworkConfig,
): Generation {
  if (version === undefined || !parseVersion(version)) {
    return { vxlan: inferVxlan(traces, config), udp: inferUdp(traces, config), inferred: true }
  }
  return {
    version,
    vxlan: isSince(version, 'v0.9.0')
      ? 'per-peer'
      : isSince(version, 'v0.7.0')
        ? 'network-route'
        : 'network-address',
    udp: isSince(version, 'v0.11.0') ? 'network-route' : 'network-address',
    inferred: false,
  }
}

function isRecent(traces: GenerationTraces): boolean {
  return traces.api === 'v3' || traces.leaseVni !== undefined
}

function inferVxlan(traces: GenerationTraces, config: NetworkConfig): VxlanDesign {
  const link = `flannel.${config.vni}`
  if (isRecent(traces)) return 'per-peer'
  if (hasNetworkLength(traces, config, (name) => name === link)) return 'network-address'
  const wide = traces.routes.some(
    (route) => route.link === link && route.table === 'main' && samePrefix(route.destination, config.network),
  )
  return wide ? 'network-route' : 'per-peer'
}

function inferUdp(traces: GenerationTraces, config: NetworkConfig): Generation['udp'] {
  if (isRecent(traces)) return 'network-route'
  return hasNetworkLength(traces, config, (name) => /^flannel\d+$/.test(name))
    ? 'network-address'
    : 'network-route'
}

function hasNetworkLength(
  traces: GenerationTraces,
  config: NetworkConfig,
  isFlannelLink: (name: string) => boolean,
): boolean {
  return traces.addresses.some(
    (address) =>
      address.family === 'inet' && isFlannelLink(address.link) && address.length === config.network.length,
  )
}
