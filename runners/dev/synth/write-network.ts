/** Writes the saved state of a network of many vxlan hosts, one host after another: nothing of it is kept in memory. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadState } from '../../collect/saved/saved-state.ts'
import type { StateHost } from '../../collect/saved/state-meta.ts'
import { type HostTemplate, hostTemplate, PATTERN } from './host-template.ts'
import { NETWORK, type PlannedHost, plannedHost, UNDERLAY } from './network-plan.ts'
import { PEER_FAULTS, type PeerEntries, peerEntries } from './peer-entries.ts'

const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))
const PREFIX = '/coreos.com/network'

export interface NetworkWish {
  readonly hosts: number
  /** Hosts that hold a lease; those behind them have lost theirs and go on with the same peers. All unless given. */
  readonly leases?: number
  /** Names of PEER_FAULTS, one host each, spread over the network. */
  readonly faults?: readonly string[]
}

/** One fault as it was put in. */
export interface PlacedFault {
  readonly fault: string
  readonly host: number
  readonly peer: number
}

/** Where each fault goes. */
function placedFaults(faults: readonly string[], hosts: number): readonly PlacedFault[] {
  return faults.map((fault, index) => {
    const host = Math.floor(((index + 1) * hosts) / (faults.length + 1))
    return { fault, host, peer: (host + 1) % hosts }
  })
}

function datastore(leased: readonly PlannedHost[], at: number): unknown {
  const config = {
    Network: `${NETWORK.address}/${NETWORK.length}`,
    SubnetLen: 24,
    Backend: { Type: 'vxlan' },
  }
  const leases = leased.map(({ subnet, publicIp, vtepMac }, index) => ({
    key: `${PREFIX}/subnets/${subnet}.0-24`,
    value: JSON.stringify({
      PublicIP: publicIp,
      PublicIPv6: null,
      BackendType: 'vxlan',
      BackendData: { VNI: 1, VtepMAC: vtepMac },
    }),
    revision: index + 3,
    leaseId: (0x6a6c_a1fb_d0a3 * 65_536 + index).toString(16),
    ttlSeconds: 86_000,
  }))
  const entries = [{ key: `${PREFIX}/config`, value: JSON.stringify(config), revision: 2 }, ...leases]
  const url = `http://${UNDERLAY.gateway}:2379`
  const member = { clusterId: '1c45a069f3a1d796', memberId: 'b71f75320dc06a6c' }
  return {
    prefix: PREFIX,
    askedApi: 'v3',
    endpoints: [{ url, reachable: true, version: '3.4.23', healthy: true, ...member }],
    v2: { present: false, revision: 3, entries: [] },
    v3: { present: true, revision: leased.length + 2, entries },
    at,
  }
}

/** Entries of one host for its peers, with its faults. */
function entriesOn(
  at: number,
  peers: readonly { readonly host: PlannedHost; readonly entries: PeerEntries }[],
  faults: readonly PlacedFault[],
): readonly PeerEntries[] {
  return peers.flatMap(({ host, entries }, number) => {
    if (number === at) return []
    const placed = faults.find((one) => one.host === at && one.peer === number)
    return [placed === undefined ? entries : (PEER_FAULTS[placed.fault]?.(entries, host) ?? entries)]
  })
}

function hostEntry({ name }: PlannedHost, settings: HostTemplate['settings']): StateHost {
  const containers = [{ name: `${name}c1`, namespace: `${name}c1` }]
  const subnetFile = `/run/flannel-doctor/labs/rec/${name}/subnet.env`
  return { name, via: `ssh://${name}`, settings: { ...settings, containers, subnetFile } }
}

/** Writes it to a folder that is new or empty, and says which faults it holds. Throws Error for any other folder. */
export function writeNetwork(dir: string, wish: NetworkWish): readonly PlacedFault[] {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  if (readdirSync(dir).length > 0) throw new Error(`${dir}: expected a new or empty folder`)
  const recorded = join(STATES, PATTERN.state)
  const { meta, ...state } = loadState(recorded)
  const sections = readFileSync(join(recorded, state.hosts[0]?.name ?? '', 'sections.json'), 'utf8')
  const template = hostTemplate({ meta, ...state }, sections)
  const hosts = Array.from({ length: wish.hosts }, (_, at) => plannedHost(at))
  const leased = hosts.slice(0, wish.leases)
  const peers = leased.map((host) => ({ host, entries: peerEntries(host) }))
  const faults = placedFaults(wish.faults ?? [], leased.length)
  for (const [at, host] of hosts.entries()) {
    mkdirSync(join(dir, host.name), { mode: 0o700 })
    const files = template.files(host, at, entriesOn(at, peers, faults))
    for (const [name, text] of files) writeFileSync(join(dir, host.name, name), text)
  }
  writeFileSync(join(dir, 'datastore.json'), JSON.stringify(datastore(leased, Date.parse(meta.at))))
  const named = hosts.map((host) => hostEntry(host, template.settings))
  const note = `${wish.hosts} hosts made of one of ${PATTERN.state}`
  writeFileSync(join(dir, 'meta.json'), JSON.stringify({ ...meta, kind: 'constructed', hosts: named, note }))
  return faults
}
