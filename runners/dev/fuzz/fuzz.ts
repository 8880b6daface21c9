/**
 * `npm run fuzz [-- --inputs N] [--seconds S] [--target WORD] [--seed N]`: hostile inputs to every parser, until one crashes
 * or takes a second. What fails is written to fixtures/fuzz/, where `npm test` reads it again.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { mutated } from './mutate.ts'
import type { FuzzTarget } from './seeds.ts'
import { FUZZ_TARGETS, objection } from './targets.ts'

const CORPUS = fileURLToPath(new URL('../../../fixtures/fuzz/', import.meta.url))
const MOST_MS = 1000
/** Inputs of one target in a row, so that its code stays compiled. */
const ROUND = 500

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '36000' },
    target: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
  },
})

function keep({ name }: FuzzTarget, input: Buffer): string {
  const file = `${CORPUS}${name.replaceAll(' ', '-')}/${createHash('sha256').update(input).digest('hex').slice(0, 12)}`
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true })
  writeFileSync(file, input)
  return file
}

const chosen = FUZZ_TARGETS.filter(({ name }) => name.includes(values.target)).map((target) => ({
  target,
  seeds: target.seeds(),
}))
const until = Date.now() + Number(values.seconds) * 1000
const wanted = Number(values.inputs)
let tried = 0
let failed = 0
for (
  let seed = Number(values.seed);
  chosen.length > 0 && tried < wanted && Date.now() < until;
  seed += ROUND
) {
  for (const { target, seeds } of chosen) {
    for (let at = seed; at < seed + ROUND && tried < wanted; at++, tried++) {
      const input = mutated(seeds, at)
      const problem = objection(target, input, MOST_MS)
      if (problem === undefined) continue
      failed++
      console.log(`${target.name} seed ${at}: ${problem}\n  kept as ${keep(target, input)}`)
    }
  }
  console.log(`${tried} inputs to ${chosen.length} targets: ${tried - failed} held, ${failed} failed`)
}
process.exitCode = failed > 0 || tried === 0 ? 1 : 0
