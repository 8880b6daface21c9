/** What the table of versions says of runs made up here. */
import test from 'ava'
import type { Clause } from '../../checks/clauses/clause.ts'
import {
  isKept,
  type VersionClause,
  type VersionRun,
  versionsMarkdown,
  versionsText,
} from './versions-table.ts'

const PROFILES = ['core'] as const
const PROOF = { kind: 'dynamic', scenario: 'ping-mesh' } as const

const ALWAYS: Clause = {
  id: 'FL-X-01',
  level: 'MUST',
  says: 'A host MUST have a | in its name.',
  source: 'nowhere',
  profiles: PROFILES,
  proof: PROOF,
}
const LATER: Clause = { ...ALWAYS, id: 'FL-X-02', says: 'Later.', since: 'v0.20.0' }
const FORMER: Clause = { ...LATER, id: 'FL-X-03', says: 'Former.', until: 'v0.25.0' }

function run(version: string, backend: VersionRun['backend'], clauses: readonly VersionClause[]): VersionRun {
  return { version, backend, seconds: 12.4, clauses }
}

const met = (clause: Clause): VersionClause => ({ clause, status: 'met' })
const broken: VersionClause = { clause: ALWAYS, status: 'not-met', reason: 'h1 has none' }
const outside: VersionClause = { clause: LATER, status: 'outside', reason: 'about flannel from v0.20.0' }

const RUNS = [
  run('v0.14.0', 'vxlan', [met(ALWAYS), outside]),
  run('v0.14.0', 'udp', [broken, outside]),
  run('v0.28.9', 'vxlan', [met(ALWAYS), met(LATER)]),
]

test('a run keeps its clauses when each that is of it is met', (t) => {
  t.deepEqual(RUNS.map(isKept), [true, false, true])
  t.false(isKept(run('v0.28.9', 'udp', [{ clause: ALWAYS, status: 'undecided' }])))
  t.false(isKept({ ...run('v0.13.0', 'udp', []), problem: 'it cannot be built' }))
  t.true(isKept(run('v0.28.9', 'udp', [{ clause: ALWAYS, status: 'not-tested' }])))
})

test('the text counts each run, shows where versions differ, and says what was seen', (t) => {
  const lines = versionsText(RUNS).split('\n')
  t.true(lines.includes('v0.14.0   udp      0    1        0          0           1           12'))
  t.true(lines.some((line) => /^FL-X-01 {2}vxlan: met; udp: not met {2}met$/.test(line)))
  t.true(lines.some((line) => /^FL-X-02 {2}– +met$/.test(line)))
  t.true(lines.includes('v0.14.0 udp: FL-X-01 not met: h1 has none'))
})

test('the text leaves out clauses on which all versions agree', (t) => {
  const text = versionsText([run('v0.25.7', 'udp', [met(ALWAYS)]), run('v0.28.9', 'udp', [met(ALWAYS)])])
  t.false(text.includes('FL-X-01'))
})

test('the Markdown has the clauses on which versions differ with their range; a bar stays in its cell', (t) => {
  const text = versionsMarkdown([...RUNS, run('v0.25.7', 'udp', [met(FORMER)])])
  t.true(
    text.includes('| FL-X-01 | A host MUST have a \\| in its name. | all | **vxlan: met; udp: not met** |'),
  )
  t.true(text.includes('| FL-X-02 | Later. | v0.20.0 and later | – | met | not run |'))
  t.true(text.includes('| FL-X-03 | Former. | v0.20.0 until v0.25.0 | not run | not run | met |'))
  t.true(text.includes('No clause is met by all 3 versions.'))
})

test('clauses that every version keeps are one sentence of the Markdown', (t) => {
  const text = versionsMarkdown([run('v0.25.7', 'udp', [met(LATER)]), run('v0.28.9', 'udp', [met(LATER)])])
  t.true(text.includes('1 clauses are met by all 2 versions: FL-X-02.'))
  t.false(text.includes('Later.'))
})

test('a version that could not be run is named with the reason', (t) => {
  const runs = [{ ...run('v0.13.0', 'udp', []), problem: 'it cannot be built' }]
  t.true(versionsText(runs).includes('v0.13.0 udp: not run to its end, it cannot be built'))
  t.true(versionsMarkdown(runs).includes('* v0.13.0 udp: not run to its end, it cannot be built'))
})
