/** The walker against real kernels: what it predicts for a broken lab is what pings find, in both directions. */
import test, { type ExecutionContext } from 'ava'
import { isEndpoint, resolveEndpoint } from '../../checks/trace/endpoint.ts'
import type { Endpoint } from '../../checks/trace/trace.ts'
import { type WalkedPing, walkPing } from '../../checks/trace/walk.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import { loadInventory } from '../inventory.ts'
import { collectCluster, DEFAULT_CONCURRENCY } from '../session.ts'
import { needs } from '../test-needs.ts'
import { labExec } from './exec.ts'
import { heal } from './heal.ts'
import { findFault, inject } from './inject.ts'
import { proveOverlay } from './overlay-ping.ts'
import type { LabBackend } from './plan-config.ts'
import { findLab, type LabState } from './state.ts'
import { withLab } from './up.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** Who pings whom in a lab of three hosts; the fault is on h2 and towards h1. */
const PAIRS = [
  ['h1/h1c1', 'h2/h2c1'],
  ['h2/h2c1', 'h1/h1c1'],
  ['h1', 'h2/h2c1'],
  ['h2', 'h1/h1c1'],
  ['h1/h1c1', 'h2'],
  ['h3/h3c1', 'h2/h2c1'],
] as const

/** Bytes of the IPv4 packet of a plain ping. */
const PLAIN = 84
const ICMP_OVERHEAD = 28

/** Hosts between the ends and, with udp, flanneld on both take one each: an answer with more came from someone else. */
function ttlOf(target: Endpoint, from: Endpoint, backend: LabBackend): number {
  const forwards = (target.container === undefined ? 0 : 1) + (from.container === undefined ? 0 : 1)
  return 64 - forwards - (backend === 'udp' ? 2 : 0)
}

async function answers(lab: LabState, [from, to]: readonly [Endpoint, Endpoint], size: number): Promise<boolean> {
  const words = ['ping', '-n', '-c', '3', '-i', '0.2', '-W', '1', '-M', 'do', '-s', `${size - ICMP_OVERHEAD}`]
  const { stdout } = await labExec(lab, from.container ?? from.host, { argv: [...words, to.address] })
  const ttls = [...Buffer.from(stdout).toString('utf8').matchAll(/ ttl=(\d+) /g)].map(([, ttl]) => Number(ttl))
  return ttls.at(-1) === ttlOf(to, from, lab.backend)
}

async function snapshotOf(lab: LabState): Promise<ClusterSnapshot> {
  const settings = { concurrency: DEFAULT_CONCURRENCY, signal: AbortSignal.timeout(60_000) }
  return (await collectCluster(await loadInventory(lab.inventory), settings)).snapshot
}

/** `lost: request no-route at route of h1 (…)`. */
function prediction({ request, reply }: WalkedPing): string {
  const trace = reply ?? request
  const last = trace.hops.at(-1)
  if (trace.ends === 'delivered') return 'answered'
  return `lost: ${trace.direction} ${trace.ends} at ${last?.stage} of ${last?.host} (${last?.why ?? ''})`
}

/** Predicts and pings every pair; the ends are those of the healthy lab, as a person knows them. */
export async function differences(
  lab: LabState,
  ends: readonly (readonly [Endpoint, Endpoint])[],
  size = PLAIN,
): Promise<{ readonly wrong: readonly string[]; readonly told: readonly string[] }> {
  const real = await Promise.all(ends.map((pair) => answers(lab, pair, size)))
  const snapshot = await snapshotOf(lab)
  const told = ends.map(([from, to], index) => {
    const predicted = prediction(walkPing(snapshot, { from, to }, { size }))
    const name = `${from.container ?? from.host} to ${to.container ?? to.host}`
    return { isRight: (predicted === 'answered') === real[index], text: `${name}: ${real[index] ? 'answered' : 'lost'}, predicted ${predicted}` }
  })
  return { wrong: told.filter(({ isRight }) => !isRight).map(({ text }) => text), told: told.map(({ text }) => text) }
}

function endsIn(snapshot: ClusterSnapshot): readonly (readonly [Endpoint, Endpoint])[] {
  return PAIRS.map(([from, to]) => {
    const pair = [resolveEndpoint(snapshot, from), resolveEndpoint(snapshot, to)] as const
    if (!isEndpoint(pair[0]) || !isEndpoint(pair[1])) throw new Error(`no endpoints for ${from} and ${to}`)
    return [pair[0], pair[1]]
  })
}

async function compare(t: ExecutionContext, backend: LabBackend, faults: readonly string[]): Promise<void> {
  await withLab({ hosts: 3, backend }, async (up) => {
    const ends = endsIn(await snapshotOf(up))
    t.deepEqual((await differences(up, ends)).wrong, [], 'the healthy lab')
    for (const id of faults) {
      await inject(up.name, findFault(id), { victim: 'h2', peer: 'h1' })
      const { wrong, told } = await differences(findLab(up.name), ends)
      t.deepEqual(wrong, [], id)
      t.true(told.some((text) => text.includes('lost')), `${id} loses nothing`)
      t.false(told.some((text) => text.includes('not-enough-facts')), `${id}: ${told.join('; ')}`)
      await heal(up.name)
      await proveOverlay(findLab(up.name), { deadline: performance.now() + 20_000 })
    }
  })
}
