/** A lease of a host that does not exist: what hosts write for it is seen, and nobody's traffic depends on it. */
import {
  containsAddress,
  formatAddress,
  formatPrefix,
  lastAddress,
  networkAddress,
} from '../../../checks/model/address.ts'
import type { Backend, NetworkConfig } from '../../../checks/model/network-config.ts'
import type { DatastoreRecord } from '../../lab/control/host-control.ts'
import { factValue, type PeerRecord } from './peer-entries.ts'
import { type Equipped, ScenarioError } from './scenario.ts'

/** Addresses for tests between networks (RFC 2544), which nobody has. */
const NOBODY = '198.18.0.'
/** host-gw routes via the peer itself, which must be in the underlay: the end of the hosts' own /24. */
const SPARE_OCTET = 240

export interface FakePeer extends PeerRecord {
  readonly key: string
  /** As a flanneld of that backend writes it. */
  readonly value: string
}

/** The last subnet of the network that is not taken; those are named as `10.5.34.0`. */
export function spareSubnet(config: NetworkConfig, taken: readonly string[]): string {
  const size = 2 ** (32 - config.subnetLength)
  for (let at = lastAddress(config.network) - size + 1; at > networkAddress(config.network); at -= size) {
    const text = formatAddress(at)
    if (containsAddress(config.network, at) && !taken.includes(text)) return `${text}/${config.subnetLength}`
  }
  throw new ScenarioError(`no subnet of ${formatPrefix(config.network)} is free`)
}

/** A public IP that no host has; `underlay` is one that a host has. */
export function publicIpFor(backend: Backend, underlay: string, n: number): string {
  return backend === 'host-gw' ? underlay.replace(/\d+$/, String(SPARE_OCTET + n)) : `${NOBODY}${n + 10}`
}

/** A MAC of nobody. */
export const fakeMac = (n: number): string => `02:fa:fa:fa:00:${(n + 16).toString(16)}`

function takenBy(keys: ReadonlyMap<string, string>): readonly string[] {
  return [...keys.keys()].map(
    (key) =>
      key
        .split('/')
        .at(-1)
        ?.replace(/-\d+(&.*)?$/, '') ?? '',
  )
}

function valueFor(scene: Equipped<'datastore'>, publicIp: string, vtepMac: string): string {
  if (scene.backend === 'udp') return JSON.stringify({ PublicIP: publicIp })
  const head = { PublicIP: publicIp, BackendType: scene.backend }
  return JSON.stringify(
    scene.backend === 'vxlan' ? { ...head, BackendData: { VNI: 1, VtepMAC: vtepMac } } : head,
  )
}

/** What tells one from another. */
interface PeerTraits {
  /** Chooses the public IP. */
  readonly n: number
  /** Chooses the MAC; that of `n` without. */
  readonly mac?: number
  /** Without one a free subnet is taken. */
  readonly subnet?: string
}

/** Makes one up; nothing is written. */
export async function inventPeer(
  scene: Equipped<'datastore'>,
  { n, mac = n, subnet }: PeerTraits,
): Promise<FakePeer> {
  const { datastore } = await scene.look()
  const config = factValue(datastore.config)
  const own = factValue(datastore.leases).leases[0]
  if (own === undefined) throw new ScenarioError('no host has a lease')
  const { prefix } = factValue(datastore.etcd)
  const chosen = subnet ?? spareSubnet(config, takenBy(await scene.control.datastore.keys()))
  const publicIp = publicIpFor(scene.backend, formatAddress(own.publicIp), n)
  const vtepMac = fakeMac(mac)
  return {
    key: `${prefix}/subnets/${chosen.replace('/', '-')}`,
    value: valueFor(scene, publicIp, vtepMac),
    subnet: chosen,
    publicIp,
    ...(scene.backend === 'vxlan' ? { vtepMac } : {}),
  }
}

/** Leases of flannel live for a day (pkg/subnet/etcd/registry.go, subnetTTL). */
export const DAY_SECONDS = 86_400

/** The record to write, for a day unless another time to live is given. */
export function recordOf({ key, value }: FakePeer, ttlSeconds = DAY_SECONDS): DatastoreRecord {
  return { key, value, ttlSeconds }
}
