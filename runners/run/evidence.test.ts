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

test('an excerpt occurs in the section it names, or is marked as derived', async (t) => {
  const wrong: string[] = []
  const counts = { literal: 0, derived: 0 }
  for (const state of states) {
    for (const { finding, rawOf } of await diagnosed(state)) {
      for (const { source, excerpt, derived } of finding.evidence) {
        if (derived) counts.derived += 1
        else counts.literal += 1
        if (!derived && rawOf(source)?.includes(excerpt) !== true)
          wrong.push(`${state} ${finding.code}: ${source.command}: ${excerpt}`)
        if (/\b(?:NAME|FILE)\b/.test(source.command)) wrong.push(`${finding.code}: ${source.command}`)
      }
    }
  }
  t.deepEqual(wrong, [])
  t.log(`${counts.literal} literal, ${counts.derived} derived`)
  t.true(counts.literal > counts.derived, 'most proofs are lines that were printed')
})

test('every finding above a note has a proof', async (t) => {
  const bare = new Set<string>()
  for (const state of states) {
    for (const { finding } of await diagnosed(state))
      if (finding.evidence.length === 0 && finding.severity !== 'info') bare.add(finding.code)
  }
  t.deepEqual([...bare], [])
})
