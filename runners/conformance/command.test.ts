/** What the command line says of clauses and profiles, and what it refuses. */
import test from 'ava'
import { PROFILES } from '../../checks/clauses/clause.ts'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { explain } from '../cli/commands/explain.ts'
import { list } from '../cli/commands/list.ts'
import { InputError } from '../input-error.ts'
import { claimedProfiles } from './claimed-profiles.ts'

test('list clauses and list profiles name every one', async (t) => {
  const clauses = JSON.parse((await list('clauses', { format: ['json'] })).stdout) as { name: string }[]
  t.deepEqual(
    clauses.map(({ name }) => name),
    CLAUSES.map(({ id }) => id),
  )
  const { stdout } = await list('profiles', {})
  t.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    [...PROFILES],
  )
})

test('explain says of a clause what it asks, of whom, and what breaks it', async (t) => {
  const { stdout } = await explain('FL-VXLAN-20')
  t.regex(stdout, /^FL-VXLAN-20 {2}MUST\n\nA host MUST have an FDB entry/)
  t.regex(stdout, /\nbackends {2}vxlan\n/)
  t.regex(stdout, /\nbroken by\n {2}fdb\/peer-vtep:missing\n {4}says {2}\S/)
  t.regex(
    (await explain('FL-LIFE-16')).stdout,
    /\nversions {2}before v0\.18\.0\n[\s\S]*action reserve-subnet/,
  )
})

test('a clause or profile that does not exist is refused with the nearest name', async (t) => {
  const clause = await t.throwsAsync(explain('FL-VXLN-20'), { instanceOf: InputError })
  t.regex(clause.message, /no such clause; did you mean FL-VXLAN-20\?/)
  const profile = t.throws(() => claimedProfiles(['core', 'vxlna']), { instanceOf: InputError })
  t.regex(profile.message, /--profile vxlna: expected one of core, .* Did you mean vxlan\?/)
  t.deepEqual(claimedProfiles(['vxlan', 'core', 'core']), ['core', 'vxlan'])
})
