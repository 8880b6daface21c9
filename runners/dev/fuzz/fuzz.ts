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

const USAGE = 'npm run fuzz -- [--inputs N] [--seconds S] [--target WORD] [--seed N]'

interface Asked {
  readonly inputs: number
  readonly seconds: number
  readonly seed: number
  readonly target: string
}

/** What the command line asks for; undefined, with the reason said, where it cannot be read. */
function asked(): Asked | undefined {
  const text = (value: string) => ({ type: 'string', default: value }) as const
  const options = {
    inputs: text('1000000'),
    seconds: text('36000'),
    seed: text('1'),
    target: text(''),
  }
  try {
    const { inputs, seconds, seed, target } = parseArgs({ options }).values
    for (const [name, value] of Object.entries({ inputs, seconds, seed }))
      if (!/^\d+$/.test(value)) throw new Error(`--${name} wants a whole number, not "${value}"`)
    return { inputs: Number(inputs), seconds: Number(seconds), seed: Number(seed), target }
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: ${USAGE}`)
    return undefined
  }
}

function keep({ name }: FuzzTarget, input: Buffer): string {
  const file = `${CORPUS}${name.replaceAll(' ', '-')}/${createHash('sha256').update(input).digest('hex').slice(0, 12)}`
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true })
  writeFileSync(file, input)
  return file
}

function fuzz({ inputs, seconds, seed: first, target: word }: Asked): boolean {
  const chosen = FUZZ_TARGETS.filter(({ name }) => name.includes(word)).map((target) => ({
    target,
    seeds: target.seeds(),
  }))
  const until = Date.now() + seconds * 1000
  let tried = 0
  let failed = 0
  for (let seed = first; chosen.length > 0 && tried < inputs && Date.now() < until; seed += ROUND) {
    for (const { target, seeds } of chosen) {
      for (let at = seed; at < seed + ROUND && tried < inputs; at++, tried++) {
        const input = mutated(seeds, at)
        const problem = objection(target, input, MOST_MS)
        if (problem === undefined) continue
        failed++
        console.log(`${target.name} seed ${at}: ${problem}\n  kept as ${keep(target, input)}`)
      }
    }
    console.log(`${tried} inputs to ${chosen.length} targets: ${tried - failed} held, ${failed} failed`)
  }
  if (chosen.length === 0) console.error(`no reader has "${word}" in its name`)
  return failed === 0 && tried > 0
}

const wanted = asked()
process.exitCode = wanted === undefined ? 2 : fuzz(wanted) ? 0 : 1
