/** A recorded host as a pattern: its sections for any other host of a planned network. */
import type { SavedHost, SavedState } from '../../collect/saved/saved-state.ts'
import { NETWORK, type PlannedHost, plannedMac, UNDERLAY } from './network-plan.ts'
import type { PeerEntries } from './peer-entries.ts'

/** Text that stands for each peer in turn. */
const PEERS = '"peers"'

/** The recorded state whose first host is the pattern, and what is replaced in it. */
export const PATTERN = { state: 'v0.28.9-vxlan', subnet: '10.5.52', publicIp: '192.0.2.11' }

const isOfPeer: Readonly<Record<string, RegExp>> = {
  routes: /"gateway":"[\d.]+","dev":"flannel\.1"/,
  neighbours: /"dev":"flannel\.1".*"PERMANENT"/,
  fdb: /"ifname":"flannel\.1","dst"/,
}

/** A list of entries without those of the recorded peers; ours go first. */
function withoutPeers(text: string, ofPeer: RegExp): string {
  const entries = (JSON.parse(text) as readonly unknown[]).map((entry) => JSON.stringify(entry))
  return `[${[PEERS, ...entries.filter((entry) => !ofPeer.test(entry))].join(',')}]\n`
}

/** Addresses of links that are some host's own; group addresses are everybody's. */
function ownMacs(texts: Iterable<string>): readonly string[] {
  const found = [...texts].flatMap((text) => text.match(/\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/g) ?? [])
  return [...new Set(found)].filter((mac) => !/^(?:.[13579bdf]|00):/.test(mac))
}

const FIXED: Readonly<Record<string, string>> = {
  '10.5.0.0/16': `${NETWORK.address}/${NETWORK.length}`,
  '"addr": "10.5.0.0", "len": 16': `"addr": "${NETWORK.address}", "len": ${NETWORK.length}`,
  '192.0.2.0/24': `${UNDERLAY.address}/${UNDERLAY.length}`,
  '192.0.2.255': UNDERLAY.last,
  [`"local":"${PATTERN.publicIp}","prefixlen":24`]: `"local":"PUBLIC","prefixlen":${UNDERLAY.length}`,
}

function fixed(text: string): string {
  let changed = text
  for (const [recorded, planned] of Object.entries(FIXED)) changed = changed.replaceAll(recorded, planned)
  return changed.replaceAll(/\b192\.0\.2\.1\b/g, UNDERLAY.gateway).replaceAll(PATTERN.publicIp, 'PUBLIC')
}

/** Files of one host by their names below its folder. */
export type HostFiles = ReadonlyMap<string, string>

export interface HostTemplate {
  readonly settings: SavedHost['settings']
  /** The files of host number `at`. */
  readonly files: (host: PlannedHost, at: number, peers: readonly PeerEntries[]) => HostFiles
}

/** Element texts of a list; one that is gone leaves no comma. */
const joined = (peers: readonly PeerEntries[], kind: keyof PeerEntries): string =>
  peers.flatMap((peer) => peer[kind] || []).join(',')

const LISTS: Readonly<Record<string, keyof PeerEntries>> = {
  'routes.txt': 'route',
  'neighbours.txt': 'neighbour',
  'fdb.txt': 'fdb',
}

function withPeers(name: string, text: string, peers: readonly PeerEntries[]): string {
  const kind = LISTS[name]
  if (kind === undefined) return text
  const entries = joined(peers, kind)
  return text.replace(entries === '' ? `${PEERS},` : PEERS, () => entries)
}

/** The MAC address of flannel's link in what `ip -d link` printed. */
const vtepOf = (links: string): string | undefined =>
  /"ifname":"flannel\.1".*?"address":"([^"]+)"/.exec(links)?.[1]

/** Makes a pattern of a state's first host. Throws Error when the state has none. */
export function hostTemplate({ hosts: [host] }: SavedState, sectionsJson: string): HostTemplate {
  if (host === undefined) throw new Error('the state has no host')
  const texts = new Map(
    host.sections.map(({ name, stdout }) => {
      const ofPeer = isOfPeer[name]
      return [`${name}.txt`, fixed(ofPeer === undefined ? stdout : withoutPeers(stdout, ofPeer))]
    }),
  ).set('sections.json', sectionsJson)
  const macs = ownMacs(texts.values())
  const vtep = vtepOf(texts.get('links.txt') ?? '')
  const changed = new RegExp(
    `PUBLIC|\\b10\\.5\\.52(?=\\.)|\\b${host.name}(?=c\\d|\\b)|${macs.join('|')}`,
    'g',
  )
  const ownWord = (word: string, planned: PlannedHost, at: number): string => {
    if (word === 'PUBLIC') return planned.publicIp
    if (word === host.name) return planned.name
    if (word === PATTERN.subnet) return planned.subnet
    return word === vtep ? planned.vtepMac : plannedMac(at, macs.indexOf(word) + 1)
  }
  const files = (planned: PlannedHost, at: number, peers: readonly PeerEntries[]): HostFiles => {
    const own = (text: string): string => text.replaceAll(changed, (word) => ownWord(word, planned, at))
    return new Map([...texts].map(([name, text]) => [name, withPeers(name, own(text), peers)]))
  }
  return { settings: host.settings, files }
}
