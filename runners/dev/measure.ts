/** Two things measured in turn, and their ratio: a slow machine slows both. */

import { present } from '../../checks/model/present.ts'
import { run } from '../hosts/command/spawn.ts'

/** Milliseconds of one measurement. */
export type Timed = () => Promise<number>

const PAIRS = 15
/** Only a command that hangs takes so long, also on a machine that has other work. */
const MOST_MS = 300_000

export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** A command that must succeed: a failing one would be quick and prove nothing. */
export async function command(argv: readonly string[], stdin?: string): Promise<number> {
  const result = await run(argv, { timeoutMs: MOST_MS, ...present({ stdin }) })
  if (!('exit' in result.end) || result.end.exit !== 0) {
    const said = result.stderr || Buffer.from(result.stdout.subarray(0, 4000)).toString()
    throw new Error(`${argv.join(' ')} ended with ${JSON.stringify(result.end)}: ${said}`)
  }
  return result.ms
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

/** `LEAST to GREATEST`. */
export function rangeText(values: readonly number[], digits: number): string {
  return `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`
}

export interface Comparison {
  readonly ours: Timed
  readonly base: Timed
  /** The ratio that is wanted at most; absent where the cost is only disclosed. */
  readonly aim?: number
  /** Pairs of measurements; 15 unless told. */
  readonly pairs?: number
}

/** Measures the two in turn and prints the median ratio, with the least and the greatest. */
export async function compare(
  what: string,
  { ours, base, aim, pairs: count = PAIRS }: Comparison,
): Promise<void> {
  await ours()
  await base()
  const pairs: { ours: number; base: number }[] = []
  for (let index = 0; index < count; index++) pairs.push({ ours: await ours(), base: await base() })
  const ratios = pairs.map((pair) => pair.ours / pair.base)
  const [mine, theirs] = [median(pairs.map((pair) => pair.ours)), median(pairs.map((pair) => pair.base))]
  const wanted = aim === undefined ? '' : `; aim at most ${aim}`
  console.log(
    `${what}: ${median(ratios).toFixed(2)} (${rangeText(ratios, 2)}; ${mine.toFixed(0)} ms beside ${theirs.toFixed(0)} ms${wanted})`,
  )
}

/** A measurement that is left out, and why. */
export function skipped(what: string, reason: string): void {
  console.log(`${what}: skipped, ${reason}`)
}
