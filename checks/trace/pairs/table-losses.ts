/**
 * The same losses seen from one host's tables: which rule or policy takes packets where the checks of the layer
 * netfilter look. They judge nothing themselves: what arrives in the walk is no finding of theirs.
 */
import { isExpected } from '../../expected/expected.ts'
import { expectedHost } from '../../expected/expected-host.ts'
import { knownValue } from '../../expected/observed-host.ts'
import { containsPrefix, networkAddress } from '../../model/address.ts'
import type { Lease } from '../../model/lease.ts'
import type { ClusterSnapshot, HostName } from '../../model/snapshot.ts'
import type { LosingRule } from '../filter/verdict.ts'
import type { Hop } from '../trace.ts'
import { walk } from '../walk.ts'
import { collectedEnds, endsBeyond } from './ends.ts'
import { insideOf, lostTo } from './loss-kind.ts'
import { hostsOf } from './losses.ts'
import { SINGLE } from './named-addresses.ts'
import { plannedPairs } from './pairs.ts'
import { type LostWalk, losingHop, PLAIN_SIZE, predictions } from './predictions.ts'
import { lostTrial, serviceLosses } from './services.ts'

/** What a check looks at: forwarded packets, those from peers before routing, those that carry them. */
export type FilterTableName = 'forward' | 'prerouting' | 'overlay-port'

/** What one rule or policy of a host takes. */
export interface TableLoss {
  readonly table: FilterTableName
  readonly rule: LosingRule
  readonly hop: Hop
  readonly walks: readonly LostWalk[]
  /** The container alone that the rule names, where it names one. */
  readonly target?: string
  /** The other hosts whose packets are lost. */
  readonly peers: ReadonlySet<HostName>
}

/** What is to come in; of what goes out only what NAT sends elsewhere. */
function isOfCarrier({ stage, hook, isLostAsNew }: Hop): boolean {
  if (stage === 'encap') return hook === 'output' && isLostAsNew === true
  return hook === 'input' || hook === 'prerouting'
}

function tableOf(hop: Hop): FilterTableName | undefined {
  const { stage, hook } = hop
  if (insideOf(hop) !== undefined) return undefined
  if (stage === 'encap' || stage === 'decap') return isOfCarrier(hop) ? 'overlay-port' : undefined
  if (hook === 'prerouting') return stage === 'forward-in' ? hook : undefined
  return hook === 'forward' && (stage === 'forward' || stage === 'forward-in') ? hook : undefined
}

/** The end that a rule names alone. */
function namedEnd({ hop, pair: { from, to } }: LostWalk): string | undefined {
  const named = new Set(hop.rule?.by.match(SINGLE))
  return [to.address, from.address].find((address) => named.has(address))
}

/**
 * Containers that lose pings to a rule that would let other packets pass have a rule for pings, and one that names a
 * single container is meant for that one: both are told by path/rule.
 */
function isForAll(snapshot: ClusterSnapshot, lost: LostWalk): boolean {
  const { hop, pair } = lost
  const table = tableOf(hop)
  if (table === 'overlay-port') return true
  if (table === undefined || pair.from.container === undefined || pair.to.container === undefined)
    return false
  if (table === 'forward' && namedEnd(lost) !== undefined) return false
  const tried = lostTrial(snapshot, { pair, protocol: 'tcp' })
  return tried !== undefined && lostTo(tried) === lostTo(lost)
}

function* lostToTables(snapshot: ClusterSnapshot): Iterable<LostWalk> {
  for (const lost of predictions(snapshot).lost)
    if (lost.hop.predicted === 'filtered' && !lost.isOnlyLarge && isForAll(snapshot, lost)) yield lost
  // What opens a connection is lost, and with it the first packet after every pause.
  yield* predictions(snapshot).undecided.filter(
    ({ hop }) => hop.isLostAsNew && hop.rule !== undefined && tableOf(hop) === 'overlay-port',
  )
  for (const { protocol, port, isWhole, walks } of serviceLosses(snapshot))
    if (protocol === 'tcp' && port === undefined && isWhole)
      yield* walks.filter((one) => tableOf(one.hop) !== 'forward' || namedEnd(one) === undefined)
  yield* lostToNextPeer(snapshot)
}

/** A lease as the next host of the network may get it. */
function nextLease({ vtepMac: _, ...own }: Lease, network: Lease['subnet']): Lease | undefined {
  const { length } = own.subnet
  const step = 2 ** (32 - length)
  const first = networkAddress(network)
  const subnet = [0, 1]
    .map((index) => ({ address: first + index * step, length }))
    .find((one) => containsPrefix(network, one) && !containsPrefix(one, own.subnet))
  return subnet && { ...own, subnet, publicIp: (own.publicIp ^ 1) >>> 0 }
}

/** A host without peers still has to forward for the first one that joins: what comes from there is walked. */
function lostToNextPeer(snapshot: ClusterSnapshot): readonly LostWalk[] {
  const network = knownValue(snapshot.datastore.config)?.network
  if (network === undefined || plannedPairs(snapshot).of > 0) return []
  return collectedEnds(snapshot, network).flatMap(({ name, containers: [to] }) => {
    const expected = expectedHost(snapshot, name)
    const lease = isExpected(expected) ? nextLease(expected.lease, network) : undefined
    const [from] = lease === undefined ? [] : endsBeyond(lease).containers
    if (to === undefined || from === undefined) return []
    const pair = { from, to }
    const trace = walk(snapshot, pair, { size: PLAIN_SIZE, protocol: 'tcp' })
    const hop = losingHop(trace)
    return hop?.predicted === 'filtered' && tableOf(hop) !== 'overlay-port'
      ? [{ pair, trace, hop, size: PLAIN_SIZE, isOnlyLarge: false }]
      : []
  })
}

function tableLossesOf(snapshot: ClusterSnapshot): readonly TableLoss[] {
  const groups = Map.groupBy(lostToTables(snapshot), (lost) => `${lost.hop.host} ${lostTo(lost)}`)
  return [...groups.values()].flatMap((walks) => {
    const [first] = walks
    const table = first && tableOf(first.hop)
    if (first?.hop.rule === undefined || table === undefined) return []
    const target = table === 'prerouting' ? namedEnd(first) : undefined
    const peers = new Set(walks.map((one) => hostsOf(one)[1]))
    return [{ table, rule: first.hop.rule, hop: first.hop, walks, peers, ...(target && { target }) }]
  })
}

interface OfHosts {
  readonly lost: ReadonlyMap<HostName, readonly TableLoss[]>
  readonly open: ReadonlyMap<HostName, readonly Hop[]>
}

const known = new WeakMap<ClusterSnapshot, OfHosts>()

function byHost(snapshot: ClusterSnapshot): OfHosts {
  const before = known.get(snapshot)
  if (before) return before
  const open = predictions(snapshot).undecided.map(({ hop }) => hop)
  const found: OfHosts = {
    lost: Map.groupBy(tableLossesOf(snapshot), ({ hop }) => hop.host),
    open: Map.groupBy(open, ({ host }) => host),
  }
  known.set(snapshot, found)
  return found
}

/** What rules of a host take where a check looks, and why it is open of other packets. */
export function tableLosses(snapshot: ClusterSnapshot, host: HostName, table: FilterTableName) {
  const { lost, open } = byHost(snapshot)
  const isOpen = (hop: Hop): boolean =>
    hop.hook !== undefined && !hop.isLostAsNew && (hop.rule === undefined || tableOf(hop) === table)
  const hops = (open.get(host) ?? []).filter(isOpen)
  const reasons = hops.flatMap(({ why, rule }) =>
    why === undefined ? [] : rule === undefined ? why : `what this rule does is undecided: ${why}`,
  )
  return { lost: (lost.get(host) ?? []).filter((loss) => loss.table === table), open: new Set(reasons) }
}
