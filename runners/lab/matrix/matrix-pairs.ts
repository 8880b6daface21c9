/** Two faults at once on different hosts: both must be the two causes ranked first. */

import type { Fault } from '../../../fixtures/fault.ts'
import { causesOf } from '../../../fixtures/fault-expectation.ts'
import type { Report } from '../../../reports/document/report.ts'
import type { PairRow } from '../../../reports/matrix/matrix.ts'
import { heal } from '../faults/heal.ts'
import { inject } from '../faults/inject.ts'
import type { LabState } from '../running/state.ts'
import { chooseFaults } from './chosen-faults.ts'
import { type Look, observe } from './judge-lab.ts'
import { labFor, type MatrixOptions, secondsSince, untilClean, withMatrixLab } from './matrix-faults.ts'
import { shownCauses } from './matrix-result.ts'

type Pair = readonly [Fault, Fault]

/** First fault on h2 towards h1, second on h4 towards h3: no host is shared. */
const AIMS = [
  { victim: 'h2', peer: 'h1' },
  { victim: 'h4', peer: 'h3' },
] as const
const PATIENCE_MS = 3000

/** Numbers below 1 that are the same in every run (the multiplier of Park and Miller's generator). */
function sequence(): () => number {
  let state = 20_161_107
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/** Faults of one host in the ordinary lab whose cause counts as one. */
function pairable(fault: Fault): boolean {
  return !fault.wide && fault.heal !== 'new lab' && fault.options === undefined
}

/** `count` different pairs, the same in every run. */
export function samplePairs(faults: readonly Fault[], count: number): readonly Pair[] {
  const candidates = faults.filter(pairable)
  const pairs = new Map<string, Pair>()
  const most = (candidates.length * (candidates.length - 1)) / 2
  const next = sequence()
  const pick = (): Fault => candidates[Math.floor(next() * candidates.length)] as Fault
  while (pairs.size < Math.min(count, most)) {
    const [a, b] = [pick(), pick()].toSorted((left, right) => left.id.localeCompare(right.id)) as [
      Fault,
      Fault,
    ]
    const shares = causesOf(a).some((code) => causesOf(b).includes(code))
    if (a !== b && !shares) pairs.set(`${a.id} ${b.id}`, [a, b])
  }
  return [...pairs.values()]
}

function compare(pair: Pair, report: Report): Omit<PairRow, 'seconds'> {
  const firstTwo = shownCauses(report, pair.flatMap(causesOf)).slice(0, 2)
  const [a, b] = pair
  const expected: [string, string] = [causesOf(a)[0] ?? '', causesOf(b)[0] ?? '']
  const bothFirst = pair.every((fault) => causesOf(fault).some((code) => firstTwo.includes(code)))
  return { faults: [a.id, b.id], expected, firstTwo, bothFirst }
}

async function runPair(lab: LabState, pair: Pair, look: Look): Promise<PairRow> {
  const startedAt = performance.now()
  for (const [index, fault] of pair.entries()) await inject(lab.name, fault, AIMS[index] ?? AIMS[0])
  const until = { ...look, patienceMs: PATIENCE_MS }
  const report = await observe(lab.name, until, (seen) => compare(pair, seen).bothFirst)
  return { ...compare(pair, report), seconds: secondsSince(startedAt) }
}

/** Runs pairs in one lab until one leaves it unclean. */
async function runInLab(lab: LabState, pairs: readonly Pair[], options: MatrixOptions): Promise<PairRow[]> {
  const rows: PairRow[] = []
  for (const pair of pairs) {
    if (options.signal.aborted) break
    const row = await runPair(lab, pair, options)
    rows.push(row)
    const verdict = row.bothFirst ? 'ok  ' : 'FAIL'
    options.say(
      `${verdict} ${row.faults.join(' + ')}  ${row.firstTwo.join(', ')}  ${row.seconds.toFixed(1)} s`,
    )
    await heal(lab.name)
    if ((await untilClean(lab, options)).length > 0) break
  }
  return rows
}

/** Runs `count` sampled pairs. Throws LabError when a lab cannot be brought up or a step fails. */
export async function runPairs(options: MatrixOptions, count: number): Promise<readonly PairRow[]> {
  const pairs = samplePairs(chooseFaults(options), count)
  const rows: PairRow[] = []
  while (rows.length < pairs.length && !options.signal.aborted) {
    const rest = pairs.slice(rows.length)
    rows.push(...(await withMatrixLab(labFor({ hosts: 4 }, options), (lab) => runInLab(lab, rest, options))))
  }
  return rows
}
