/**
 * `npm run bench`: what the tool costs beside what it must at least cost. Every figure is a
 * ratio of two things measured in turn in one run, so that a slow machine slows both; the
 * median of the pairs is printed with the least and the greatest.
 */
import { fileURLToPath } from 'node:url'
import { collectHost } from '../collect/collect.ts'
import { FACT_COLLECTORS } from '../collect/facts/index.ts'
import { prelude } from '../collect/prelude.ts'
import { loadInventory } from '../inventory.ts'
import { withLab } from '../lab/up.ts'
import { makeRunner } from '../make-runner.ts'
import { settingsOf } from '../session.ts'
import { run } from '../spawn.ts'
import { benchDecode } from './bench-decode.ts'

const PAIRS = 15
const BIN = fileURLToPath(new URL('../bin.js', import.meta.url))
const NODE = process.execPath

type Timed = () => Promise<number>

async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** A command that must succeed: a failing one would be quick and prove nothing. */
async function command(argv: readonly string[], stdin?: string): Promise<number> {
  const result = await run(argv, { timeoutMs: 60_000, ...(stdin !== undefined && { stdin }) })
  if (!('exit' in result.end) || result.end.exit !== 0) {
    throw new Error(`${argv.join(' ')} ended with ${JSON.stringify(result.end)}: ${result.stderr}`)
  }
  return result.ms
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] as number
}

interface Comparison {
  readonly ours: Timed
  readonly base: Timed
  readonly aim: number
}

/** Measures the two in turn and prints the ratio. */
async function compare(what: string, { ours, base, aim }: Comparison): Promise<void> {
  await ours()
  await base()
  const pairs: { ours: number; base: number }[] = []
  for (let index = 0; index < PAIRS; index++) pairs.push({ ours: await ours(), base: await base() })
  const ratios = pairs.map((pair) => pair.ours / pair.base).sort((a, b) => a - b)
  const [least, greatest] = [ratios[0] as number, ratios.at(-1) as number]
  const times = `${median(pairs.map((pair) => pair.ours)).toFixed(0)} ms beside ${median(pairs.map((pair) => pair.base)).toFixed(0)} ms`
  console.log(
    `${what}: ${median(ratios).toFixed(2)} (${least.toFixed(2)} to ${greatest.toFixed(2)}; ${times}; aim at most ${aim})`,
  )
}

/** The same commands in one shell, without frames: what collecting must at least cost. */
function bareScript(settings: ReturnType<typeof settingsOf>): string {
  return [
    prelude(settings),
    ...FACT_COLLECTORS.map(({ script }) => `(\n${script(settings)}\n) </dev/null`),
    'exit 0',
  ].join('\n')
}

async function benchLab(): Promise<void> {
  const ready: number[] = []
  for (let index = 0; index < 5; index++)
    await withLab({ hosts: 3 }, async (lab) => void ready.push(lab.readyMs))
  const [least, greatest] = [Math.min(...ready), Math.max(...ready)]
  console.log(
    `lab of 3 hosts, up to ready: ${(median(ready) / 1000).toFixed(2)} s (${(least / 1000).toFixed(2)} to ${(greatest / 1000).toFixed(2)}; aim at most 2.5 s)`,
  )
}

const emptyNode: Timed = () => command([NODE, '-e', '0'])

await compare('--help beside an empty node process', {
  ours: () => command([NODE, BIN, '--help']),
  base: emptyNode,
  aim: 1.6,
})
await withLab({ hosts: 3 }, async (lab) => {
  const [host] = (await loadInventory(lab.inventory)).hosts
  if (host === undefined) throw new Error('the lab has no host')
  const settings = settingsOf(host)
  const runner = makeRunner(host.name, host.via)
  const script = bareScript(settings)
  const batch: Timed = async () => (await runner.run(['sh', '-s'], { stdin: script })).ms
  await compare('collecting one host beside the bare batch', {
    ours: () => millisecondsOf(() => collectHost(runner, settings)),
    base: batch,
    aim: 1.3,
  })
  await compare('whole check of one host beside the bare batch and an empty node process', {
    ours: () => command([NODE, BIN, 'check', '--inventory', lab.inventory, '--host', host.via]),
    base: async () => (await batch()) + (await emptyNode()),
    aim: 1.5,
  })
})
await benchLab()
await benchDecode()
