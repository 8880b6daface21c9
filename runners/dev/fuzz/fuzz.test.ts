/** A bounded part of `npm run fuzz`, every input that ever failed, and the sizes that real networks have. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { parseLeases } from '../../datastore/parse-leases.ts'
import { mutated } from './mutate.ts'
import { FUZZ_TARGETS, objection } from './targets.ts'

const CORPUS = fileURLToPath(new URL('../../../fixtures/fuzz/', import.meta.url))
/** Of each target; `npm run fuzz` tries a million. */
const INPUTS = 150
/** Other tests run beside this one. */
const MOST_MS = 5000

for (const target of FUZZ_TARGETS) {
  test(`${target.name} gives a value or refuses in words, whatever it reads`, (t) => {
    const folder = `${CORPUS}${target.name.replaceAll(' ', '-')}`
    const seeds = target.seeds()
    t.true(seeds.length > 0)
    const kept = existsSync(folder)
      ? readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`))
      : []
    const inputs: Buffer[] = [...seeds.map((seed) => Buffer.from(seed)), ...kept]
    for (let seed = 1; seed <= INPUTS; seed++) inputs.push(mutated(seeds, seed))
    for (const [index, input] of inputs.entries())
      t.is(
        objection(target, input, MOST_MS),
        undefined,
        `input ${index}: ${JSON.stringify(input.toString('latin1').slice(0, 300))}`,
      )
  })
}

const warnings: string[] = []
process.on('warning', ({ message }) => warnings.push(message))

test.after('no reader writes to stderr by itself: a library would quote what was read', async (t) => {
  await setImmediate() // warnings come a moment later
  t.deepEqual(warnings, [])
})

const of = (name: string) =>
  FUZZ_TARGETS.find((target) => target.name === name) as (typeof FUZZ_TARGETS)[number]

test.serial('a million routes are read in seconds', (t) => {
  const route = (n: number): string =>
    `{"type":"unicast","dst":"${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/24","dev":"eth0","flags":[]}`
  const text = `[${Array.from({ length: 1_000_000 }, (_, n) => route(n)).join(',')}]`
  t.is(objection(of('fact routes'), Buffer.from(text), 60_000), undefined)
})

test.serial('100,000 leases are read in seconds', (t) => {
  const value =
    '{"PublicIP":"192.0.2.12","BackendType":"vxlan","BackendData":{"VtepMAC":"4e:09:c0:13:db:65"}}'
  const entries = Array.from({ length: 100_000 }, (_, n) => ({
    key: `/x/subnets/10.${(n >> 8) & 255}.${n & 255}.0-24`,
    value,
    revision: n,
  }))
  const startedAt = performance.now()
  t.is(parseLeases(entries).leases.length + 0, 100_000)
  t.true(performance.now() - startedAt < 20_000)
})
