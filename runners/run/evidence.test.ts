/** Every proof of every recorded fault stands literally in what the host printed, or says that it is a conclusion. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { diagnosed } from './evidence-for-tests.ts'

const STATES = fileURLToPath(new URL('../../fixtures/fault-states/', import.meta.url))
const states = ['vxlan', 'host-gw', 'udp'].flatMap((backend) =>
  readdirSync(`${STATES}${backend}`)
    .filter((name) => !name.startsWith('healthy'))
    .map((name) => `${STATES}${backend}/${name}`),
)

type Proven = Awaited<ReturnType<typeof diagnosed>>[number]

/** Proofs that are neither literal nor marked, and commands that leave a name open. */
function wrongProofs({ finding, rawOf }: Proven): readonly string[] {
  return finding.evidence
    .filter(
      ({ source, excerpt, derived }) =>
        /\b(?:NAME|FILE)\b/.test(source.command) || !(derived || rawOf(source)?.includes(excerpt)),
    )
    .map(({ source, excerpt }) => `${finding.code}: ${source.command}: ${excerpt}`)
}

test('an excerpt occurs in the section it names, or is marked as derived, and every finding has one', async (t) => {
  const all = (await Promise.all(states.map(diagnosed))).flat()
  t.deepEqual(all.flatMap(wrongProofs), [])
  const evidence = all.flatMap(({ finding }) => finding.evidence)
  const literal = evidence.filter(({ derived }) => !derived).length
  t.log(`${literal} of ${evidence.length} proofs are literal`)
  t.true(literal > evidence.length * 0.5, 'more than half of all proofs are lines that were printed')
  const bare = all.filter(({ finding }) => finding.evidence.length === 0 && finding.severity !== 'info')
  t.deepEqual(
    bare.map(({ finding }) => finding.code),
    [],
  )
})
