// For each peer's lease, vxlan since v0.9.0 writes a permanent neighbour, an FDB entry and a route, in
// this order (`pkg/backend/vxlan/vxlan_network.go`, `handleSubnetEvents`). When all of them are missing
// the daemon never learned of the lease: v0.18.0 to v0.21.2 lose watch events when leases arrive
// together, a watch gap loses changes, and a stopped daemon learns nothing. One entry missing alone is
// another matter; see the checks of routes, neighbours and FDB entries.
import type { Explains } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import type { ExpectedHost, Peer } from '../expected/expected.ts'
import { formatAddress, formatPrefix, maskPrefix, type Prefix } from '../model/address.ts'
import type { FdbEntry } from '../model/fdb.ts'
import type { Neighbour } from '../model/neighbour.ts'
import type { Route } from '../model/route.ts'

type Entries = readonly string[]

const routeKey = (destination: Prefix): string => `route ${formatPrefix(maskPrefix(destination))}`
const neighbourKey = (one: { address: string; link: string }): string =>
  `neighbour ${one.address} ${one.link}`
const fdbKey = (one: { mac: string; link: string }): string => `fdb ${one.mac} ${one.link}`

function addTo(entries: Map<Peer, string[]>, peer: Peer | undefined, key: string): void {
  if (peer === undefined) return
  const known = entries.get(peer)
  if (known) known.push(key)
  else entries.set(peer, [key])
}

function expectedEntries(expected: ExpectedHost): ReadonlyMap<Peer, Entries> {
  const entries = new Map<Peer, string[]>()
  for (const { destination, peer } of expected.routes) addTo(entries, peer, routeKey(destination))
  for (const one of expected.neighbours) addTo(entries, one.peer, neighbourKey(one))
  for (const one of expected.fdb) addTo(entries, one.peer, fdbKey(one))
  return entries
}

interface Programmed {
  readonly routes: readonly Route[]
  readonly neighbours: readonly Neighbour[]
  readonly fdb: readonly FdbEntry[]
}

/** Failed and incomplete neighbours are the kernel's own question, not an entry of flannel. */
function observedEntries({ routes, neighbours, fdb }: Programmed): ReadonlySet<string> {
  const answered = neighbours.filter(({ mac }) => mac !== undefined)
  return new Set([
    ...routes.filter(({ table }) => table === 'main').map(({ destination }) => routeKey(destination)),
    ...answered.map(neighbourKey),
    ...fdb.map(fdbKey),
  ])
}

const PER_PEER: readonly string[] = [
  'route/peer-subnet:missing',
  'neighbour/peer-vtep:missing',
  'fdb/peer-vtep:missing',
]

export const check = defineHostCheck({
  id: 'lease/peer',
  title: "Peers' leases programmed on the host",
  backends: ['vxlan'],
  needs: ['routes', 'neighbours', 'fdb', 'links', 'leases', 'config'],
  needsExpected: true,
  findings: {
    unprogrammed: {
      severity: 'critical',
      confidence: 'certain',
      says: '{host} has neither route, neighbour nor FDB entry for {subnet} of {peer}: flanneld never learned of this lease',
      fix: 'Restart flanneld on {host}: it reads all leases again. v0.18.0 to v0.21.2 lose leases that arrive together; upgrade to v0.21.3 or later.',
      explains: PER_PEER.map((code): Explains => ({ code, when: 'same-pair' })),
    },
    none: {
      severity: 'critical',
      confidence: 'certain',
      says: '{host} has no route, neighbour or FDB entry for any of its {count} peers',
      fix: 'Restart flanneld on {host}: it reads all leases again and programs every peer.',
      explains: ['route/peer-subnet:*', 'neighbour/peer-vtep:*', 'fdb/peer-vtep:*'].map(
        (code): Explains => ({ code, when: 'same-host' }),
      ),
    },
  },
  *evaluate({ facts, expected }) {
    const link = expected.link?.name
    if (!facts.links.some(({ name }) => name === link)) return yield { unsure: `${link} is not there` }
    const observed = observedEntries(facts)
    // A peer with one entry is judged by the check of that entry: DirectRouting, or vxlan before v0.9.0.
    const whole = [...expectedEntries(expected)].filter(([, entries]) => entries.length > 1)
    const unprogrammed = whole.filter(([, entries]) => !entries.some((entry) => observed.has(entry)))
    if (unprogrammed.length > 1 && unprogrammed.length === whole.length) {
      return yield {
        code: 'none',
        object: 'all peers',
        observed: 'not present',
        data: { count: whole.length },
      }
    }
    for (const [peer] of unprogrammed) {
      const subnet = formatPrefix(peer.lease.subnet)
      const data = { subnet, publicIp: formatAddress(peer.lease.publicIp) }
      yield {
        code: 'unprogrammed',
        peer: peer.name,
        object: `lease ${subnet}`,
        observed: 'not present',
        data,
      }
    }
  },
})
