/** What flannel's vxlan writes for a peer, as `ip -j` and `bridge -j` print it, and what is wrong with it in a fault. */
import type { PlannedHost } from './network-plan.ts'

/** Entries for a peer, each as the text of one element of its list. */
export interface PeerEntries {
  readonly route: string
  readonly neighbour: string
  readonly fdb: string
}

/** What stands on every host that programmed this peer. */
export function peerEntries({ subnet, publicIp, vtepMac }: PlannedHost): PeerEntries {
  const dev = 'flannel.1'
  return {
    route: JSON.stringify({ dst: `${subnet}.0/24`, gateway: `${subnet}.0`, dev, flags: ['onlink'] }),
    neighbour: JSON.stringify({ dst: `${subnet}.0`, dev, lladdr: vtepMac, state: ['PERMANENT'] }),
    fdb: JSON.stringify({
      mac: vtepMac,
      ifname: dev,
      dst: publicIp,
      flags: ['self'],
      state: 'permanent',
    }),
  }
}

/** A subnet, a host and a MAC address that no lease of a planned network names. */
const NO_HOST = { name: '', subnet: '10.254.0', publicIp: '198.19.255.254', vtepMac: '02:00:00:00:00:99' }

const replaced = (text: string, value: string, other: string): string => text.replaceAll(value, other)

/** What each fault leaves of the entries for one peer; an empty text is an entry that is gone. */
export const PEER_FAULTS: Readonly<Record<string, (entries: PeerEntries, peer: PlannedHost) => PeerEntries>> =
  {
    'missing-peer': () => ({ route: '', neighbour: '', fdb: '' }),
    'missing-route': (entries) => ({ ...entries, route: '' }),
    'missing-neighbour': (entries) => ({ ...entries, neighbour: '' }),
    'missing-fdb': (entries) => ({ ...entries, fdb: '' }),
    'wrong-mac': (entries, { vtepMac }) => ({
      ...entries,
      neighbour: replaced(entries.neighbour, vtepMac, NO_HOST.vtepMac),
    }),
    'wrong-vtep': (entries, { publicIp }) => ({
      ...entries,
      fdb: replaced(entries.fdb, publicIp, NO_HOST.publicIp),
    }),
    'stale-route': (entries) => ({ ...entries, route: `${entries.route},${peerEntries(NO_HOST).route}` }),
  }
