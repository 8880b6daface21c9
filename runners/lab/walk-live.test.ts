/** The walker against real kernels: what it predicts for a broken lab is what pings find, in both directions. */
import test, { type ExecutionContext } from 'ava'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from '../../checks/trace/endpoint.ts'
import { type Pair, type WalkedPing, walkPing } from '../../checks/trace/walk.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { collectCluster } from '../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../run/collecting/usual-concurrency.ts'
import { needs } from '../test-needs.ts'
import { proveOverlay } from './build/overlay-ping.ts'
import { withLab } from './build/up.ts'
import { heal } from './faults/heal.ts'
import { findFault, inject } from './faults/inject.ts'
import type { LabBackend } from './plan/plan-config.ts'
import { labExec } from './running/exec.ts'
import { findLab, type LabState } from './running/state.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** Who pings whom in a lab of three hosts; faults are on h2 and towards h1. */
const PAIRS = [
  ['h1/h1c1', 'h2/h2c1'],
  ['h2/h2c1', 'h1/h1c1'],
  ['h1', 'h2/h2c1'],
  ['h2', 'h1/h1c1'],
  ['h1/h1c1', 'h2'],
  ['h3/h3c1', 'h2/h2c1'],
] as const

/** Bytes of the IPv4 packet of a plain ping, and of one that just fits a vxlan link. */
const PLAIN = 84
const FULL = 1450
const ICMP_OVERHEAD = 28

/** flannel repairs its rules every 5 s and forwards at once after that. */
const HEALED_MS = 20_000

interface Found {
  readonly pair: Pair
  /** TTL of the last answer; undefined when there was none. */
  readonly ttl: number | undefined
  readonly predicted: WalkedPing
}

async function answerTtl(lab: LabState, { from, to }: Pair, size: number): Promise<number | undefined> {
  const payload = `${size - ICMP_OVERHEAD}`
  const argv = ['ping', '-n', '-c', '3', '-i', '0.2', '-W', '1', '-M', 'do', '-s', payload, to.address]
  const { stdout } = await labExec(lab, from.container ?? from.host, { argv })
  const ttls = [
    ...Buffer.from(stdout)
      .toString('utf8')
      .matchAll(/ ttl=(\d+) /g),
  ]
  return ttls.length === 0 ? undefined : Number(ttls.at(-1)?.[1])
}

async function snapshotOf(lab: LabState): Promise<ClusterSnapshot> {
  const settings = { concurrency: usualConcurrency(), signal: AbortSignal.timeout(60_000) }
  return (await collectCluster(await loadInventory(lab.inventory), settings)).snapshot
}

/** Pings first: the neighbour tables that are read then show who answered. */
async function probe(lab: LabState, pairs: readonly Pair[], size: number): Promise<readonly Found[]> {
  const ttls = await Promise.all(pairs.map((pair) => answerTtl(lab, pair, size)))
  const snapshot = await snapshotOf(lab)
  return pairs.map((pair, index) => ({
    pair,
    ttl: ttls[index],
    predicted: walkPing(snapshot, pair, { size }),
  }))
}

/** TTL of the predicted answer; undefined when none is predicted. */
function predictedTtl({ reply }: WalkedPing): number | undefined {
  const [, ttl] = /^TTL (\d+) /.exec((reply?.ends === 'delivered' && reply.hops.at(-1)?.why) || '') ?? []
  return ttl === undefined ? undefined : Number(ttl)
}

/** A host that has the container's address answers in its place, one hop nearer. */
function isRight({ predicted, ttl }: Found, healthy: Found | undefined): boolean {
  const { request, reply } = predicted
  if (request.ends === 'captured') return ttl !== undefined && ttl !== healthy?.ttl
  return predictedTtl(predicted) === ttl || (reply?.ends === 'captured' && ttl === undefined)
}

function sentence({ pair: { from, to }, ttl, predicted }: Found): string {
  const trace = predicted.reply ?? predicted.request
  const last = trace.hops.at(-1)
  const where = `${trace.direction} ${trace.ends} at ${last?.stage} of ${last?.host} (${last?.why ?? ''})`
  const names = `${from.container ?? from.host} to ${to.container ?? to.host}`
  return `${names}: ${ttl === undefined ? 'no answer' : `answer with TTL ${ttl}`}, predicted ${where}`
}

function pairsIn(snapshot: ClusterSnapshot): readonly Pair[] {
  return PAIRS.map((words) => {
    const [from, to] = words.map((word) => resolveEndpoint(snapshot, word))
    if (!from || !to || !isEndpoint(from) || !isEndpoint(to)) throw new Error(`no ends: ${words.join(' ')}`)
    return { from, to }
  })
}

interface Trial {
  readonly backend: LabBackend
  readonly faults: readonly string[]
  readonly size?: number
}

async function compare(t: ExecutionContext, { backend, faults, size = PLAIN }: Trial): Promise<void> {
  await withLab({ hosts: 3, backend }, async (up) => {
    const pairs = pairsIn(await snapshotOf(up))
    const healthy = await probe(up, pairs, size)
    t.deepEqual(healthy.filter((one) => one.ttl === undefined || !isRight(one, one)).map(sentence), [])
    for (const id of faults) {
      await inject(up.name, findFault(id), { victim: 'h2', peer: 'h1' })
      const found = await probe(findLab(up.name), pairs, size)
      t.deepEqual(found.filter((one, index) => !isRight(one, healthy[index])).map(sentence), [], id)
      t.true(
        found.some(({ ttl }, index) => ttl !== healthy[index]?.ttl),
        `${id} changes nothing`,
      )
      t.deepEqual(
        found.map(sentence).filter((text) => text.includes('not-enough-facts')),
        [],
        id,
      )
      await heal(up.name)
      await proveOverlay(findLab(up.name), { deadline: performance.now() + HEALED_MS })
    }
  })
}

/** What a host does with a packet before and after any backend. */
const ANY_BACKEND = [
  'bridge-forwarding-off',
  'container-address-local',
  'container-gateway-missing',
  'container-port-detached',
  'forward-drop-nft-rule',
  'policy-rule',
  'peer-address-local',
  'second-bridge-same-subnet',
]

live('vxlan: what is predicted is what happens', (t) =>
  compare(t, {
    backend: 'vxlan',
    faults: [
      ...ANY_BACKEND,
      'fdb-entry-deleted',
      'flannel-link-mac-changed',
      'input-policy-drop',
      'neighbour-mac-changed',
      'reverse-path-filter-strict',
      'route-wrong-gateway',
      'underlay-down',
      'vtep-local-not-on-host',
      'vtep-vni-changed',
    ],
  }),
)

live('vxlan with full packets', (t) =>
  compare(t, { backend: 'vxlan', size: FULL, faults: ['flannel-link-mtu-changed', 'underlay-mtu-lowered'] }),
)

live('host-gw: what is predicted is what happens', (t) =>
  compare(t, {
    backend: 'host-gw',
    faults: ['route-deleted', 'route-wrong-gateway', 'underlay-forwarding-off', 'forward-drop-chain'],
  }),
)

live('udp: what is predicted is what happens', (t) =>
  compare(t, {
    backend: 'udp',
    faults: [
      'overlay-port-dropped',
      'network-route-deleted',
      'network-route-wrong-link',
      'forward-drop-chain',
    ],
  }),
)
