/** Makes random states on a host of a lab and compares what the walk predicts with what pings find. */

import { present } from '../../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import { isEndpoint, resolveEndpoint } from '../../../checks/trace/endpoint.ts'
import type { Trace } from '../../../checks/trace/trace.ts'
import { type Pair, walkPing } from '../../../checks/trace/walk.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { withLab } from '../../lab/build/up.ts'
import { labExec } from '../../lab/running/exec.ts'
import type { LabState } from '../../lab/running/state.ts'
import { collectCluster } from '../../run/collecting/collect-cluster.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import type { Change, Scene } from './change.ts'
import { randomFrom } from './draw.ts'
import { randomChanges } from './random-state.ts'
import { refreshed } from './refreshed.ts'
import { sceneOf } from './scene.ts'

/** Who pings whom, and how large: bytes of the IPv4 packet. */
const PINGS = [
  ['h1/h1c1', 'h2/h2c1', 84],
  ['h2/h2c1', 'h1/h1c1', 84],
  ['h1', 'h2/h2c1', 84],
  ['h1/h1c1', 'h2/h2c1', 1450],
] as const

const ICMP_OVERHEAD = 28
const COLLECT_MS = 60_000

export interface Outcome {
  readonly states: number
  readonly compared: number
  readonly lost: number
  /** Pings whose fate the walk left open, as sentences. */
  readonly undecided: readonly string[]
  /** Pings that did what the walk did not say, as sentences with the changes. */
  readonly wrong: readonly string[]
}

interface Ping {
  readonly pair: Pair
  readonly size: number
}

interface Bench {
  readonly lab: LabState
  readonly base: ClusterSnapshot
  readonly pings: readonly Ping[]
  readonly scene: Scene
}

async function shell(lab: LabState, target: string, script: string): Promise<string | undefined> {
  const { end, stderr } = await labExec(lab, target, { argv: ['sh', '-e'], stdin: `${script}\n` })
  return 'exit' in end && end.exit === 0 ? undefined : stderr.trim() || JSON.stringify(end)
}

async function isAnswered(
  lab: LabState,
  { pair: { from, to }, size }: Ping,
  tries: number,
): Promise<boolean> {
  const argv = [
    'ping',
    '-n',
    '-c',
    `${tries}`,
    '-i',
    '0.3',
    '-W',
    '1',
    '-M',
    'do',
    '-s',
    `${size - ICMP_OVERHEAD}`,
  ]
  const { end } = await labExec(lab, from.container ?? from.host, { argv: [...argv, to.address] })
  return 'exit' in end && end.exit === 0
}

/** What a walk says of a ping: answered, lost, or open. A host or rule that may answer in the target's place leaves it open too. */
function predicted({ request, reply }: { request: Trace; reply: Trace | undefined }): boolean | undefined {
  const trace = reply ?? request
  if (trace.ends === 'delivered') return reply !== undefined
  const isElsewhere = trace.ends === 'captured' || trace.ends === 'redirected'
  return trace.ends === 'not-enough-facts' || (isElsewhere && trace === request) ? undefined : false
}

function sentence({ pair, size }: Ping, walked: { request: Trace; reply: Trace | undefined }): string {
  const trace = walked.reply ?? walked.request
  const last = trace.hops.at(-1)
  const ends = `${trace.direction} ${trace.ends} at ${last?.stage} of ${last?.host}: ${last?.why ?? ''}`
  return `${pair.from.container ?? pair.from.host} to ${pair.to.container ?? pair.to.host}, ${size} bytes: ${ends}`
}

interface Tally {
  compared: number
  lost: number
  readonly undecided: string[]
  readonly wrong: string[]
}

/** Compares every ping of one state; one that is lost against the prediction is sent again. */
async function compare(bench: Bench, tally: Tally, changes: readonly Change[]): Promise<void> {
  const answers = await Promise.all(bench.pings.map((ping) => isAnswered(bench.lab, ping, 1)))
  const snapshot = await refreshed(bench.lab, bench.base)
  const made = changes.map(({ make, at = 'h2' }) => `${at}: ${make}`).join('\n')
  for (const [index, ping] of bench.pings.entries()) {
    const walked = walkPing(snapshot, ping.pair, { size: ping.size })
    const says = predicted(walked)
    let answered = answers[index] ?? false
    if (says === true && !answered) answered = await isAnswered(bench.lab, ping, 3)
    tally.compared += 1
    if (!answered) tally.lost += 1
    if (says === undefined) tally.undecided.push(`${sentence(ping, walked)}\n${made}`)
    else if (says !== answered)
      tally.wrong.push(`${answered ? 'answered' : 'lost'}, but ${sentence(ping, walked)}\n${made}`)
  }
}

/** Makes the changes; undefined where one of them is refused. All that were made are taken back. */
async function inState(
  bench: Bench,
  changes: readonly Change[],
  look: () => Promise<void>,
): Promise<boolean> {
  const done: Change[] = []
  let refused: string | undefined
  for (const change of changes) {
    refused = await shell(bench.lab, change.at ?? 'h2', change.make)
    done.unshift(change)
    if (refused !== undefined) break
  }
  if (refused === undefined) await look()
  for (const { undo, at = 'h2' } of done) await labExec(bench.lab, at, { argv: ['sh'], stdin: `${undo}\n` })
  const places = bench.lab.hosts.flatMap(({ name, containers }) => [
    name,
    ...containers.map((one) => one.name),
  ])
  await Promise.all(
    places.map((place) => labExec(bench.lab, place, { argv: ['sh'], stdin: 'ip route flush cache\n' })),
  )
  return refused === undefined
}

function endOf(snapshot: ClusterSnapshot, words: string) {
  const end = resolveEndpoint(snapshot, words)
  if (!isEndpoint(end)) throw new Error(end.problem)
  return end
}

/**
 * Brings up a lab of two hosts, makes `states` random states on the second, and compares. `report` is told of each
 * state that was made.
 */
export function compareStates(
  { states, seed, name }: { readonly states: number; readonly seed: number; readonly name?: string },
  report: (tally: Readonly<Tally>, made: number) => void = () => {},
): Promise<Outcome> {
  return withLab({ hosts: 2, ...present({ name }) }, async (lab) => {
    const settings = { concurrency: usualConcurrency(), signal: AbortSignal.timeout(COLLECT_MS) }
    const { snapshot } = await collectCluster(await loadInventory(lab.inventory), settings)
    const pings = PINGS.map(([from, to, size]) => ({
      pair: { from: endOf(snapshot, from), to: endOf(snapshot, to) },
      size,
    }))
    const bench = { lab, base: snapshot, pings, scene: sceneOf(lab, snapshot) }
    const tally: Tally = { compared: 0, lost: 0, undecided: [], wrong: [] }
    const draw = randomFrom(seed)
    let made = 0
    // A change that the kernel refuses makes no state: others are drawn.
    for (let tries = 0; made < states && tries < states * 4; tries += 1) {
      const changes = randomChanges(draw, bench.scene)
      if (!(await inState(bench, changes, () => compare(bench, tally, changes)))) continue
      made += 1
      report(tally, made)
    }
    return { states: made, ...tally }
  })
}
