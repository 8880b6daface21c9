import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { collectHost, factsFromSections } from '../collect.ts'
import { FACT_COLLECTORS } from '../facts/index.ts'
import type { Section } from '../section/section.ts'
import { sectionOf } from './recorded-section.ts'
import { collectRecorded, replayRunner } from './replay.ts'
import { folder, META } from './saved-for-tests.ts'
import { loadState, type SavedState, StateError, saveState } from './saved-state.ts'

const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))

function state(): SavedState {
  const host = { name: 'h1', via: 'netns://h1', settings: { containers: [], subnetFile: '/x' } }
  const sections = [
    { ...sectionOf('links', '[]'), stderr: 'odd\n', end: { exit: 3 } },
    { ...sectionOf('rules', 'half'), end: { timedOut: true } as const },
    sectionOf('kernel', 'release=6.1\n'),
  ]
  const dead = { name: 'h2', via: 'ssh://h2', unreachable: 'no route to host', sections: [] }
  return { meta: { ...META, hosts: [] }, hosts: [{ ...host, sections }, dead], datastore: { any: ['thing'] } }
}

test('what is saved is loaded again', (t) => {
  const dir = join(folder(), 'deep', 'state')
  saveState(dir, state())
  const loaded = loadState(dir)
  t.deepEqual(loaded.datastore, { any: ['thing'] })
  t.deepEqual(
    loaded.hosts.map(({ name, via, unreachable, settings }) => ({ name, via, unreachable, settings })),
    [
      {
        name: 'h1',
        via: 'netns://h1',
        unreachable: undefined,
        settings: { containers: [], subnetFile: '/x' },
      },
      { name: 'h2', via: 'ssh://h2', unreachable: 'no route to host', settings: undefined },
    ],
  )
  const named = (sections: SavedState['hosts'][number]['sections'] = []) =>
    Object.fromEntries(sections.map((section) => [section.name, section]))
  t.deepEqual(named(loaded.hosts[0]?.sections), {
    kernel: named(state().hosts[0]?.sections).kernel,
    links: named(state().hosts[0]?.sections).links,
    rules: named(state().hosts[0]?.sections).rules,
  })
})

test('saving again replaces a state and leaves nothing beside it', (t) => {
  const parent = folder()
  saveState(join(parent, 's'), state())
  saveState(join(parent, 's'), { ...state(), datastore: null })
  t.deepEqual(readdirSync(parent), ['s'])
  t.is(loadState(join(parent, 's')).datastore, null)
})

test('a folder with other files is refused and left alone', (t) => {
  const dir = folder()
  writeFileSync(join(dir, 'precious'), 'x')
  t.throws(() => saveState(dir, state()), {
    instanceOf: StateError,
    message: /expected a new, empty or saved-state folder/,
  })
  t.deepEqual(readdirSync(dir), ['precious'])
})

for (const name of ['../evil', '/etc', 'a/b', '.', '..', '', 'meta.json', 'a\nb', '.hidden']) {
  test(`a host named ${JSON.stringify(name)} is neither saved nor loaded`, (t) => {
    const parent = folder()
    const hosts = [{ name, via: 'local:', sections: [] }]
    t.throws(() => saveState(join(parent, 's'), { ...state(), hosts }), { instanceOf: StateError })
    t.deepEqual(readdirSync(parent), [])
    writeFileSync(join(parent, 'meta.json'), JSON.stringify({ ...META, hosts: [{ name, via: 'local:' }] }))
    t.throws(() => loadState(parent), { instanceOf: StateError, message: /hosts\[0\].name/ })
  })
}

test('broken meta is one line that says where, what was expected and what was found', (t) => {
  const dir = folder()
  const problem = (meta: string): string => {
    writeFileSync(join(dir, 'meta.json'), meta)
    return t.throws(() => loadState(dir), { instanceOf: StateError })?.message ?? ''
  }
  t.regex(problem('{'), /meta\.json: expected JSON, found/)
  t.regex(problem('[]'), /expected an object/)
  t.regex(problem('{"schemaVersion":9}'), /schemaVersion: expected 1, found 9/)
  t.regex(problem('{"schemaVersion":1,"kind":"x"}'), /kind: expected "recorded" or "constructed", found "x"/)
  t.regex(problem(JSON.stringify({ ...META, base: '/etc' })), /base: expected a relative path/)
  t.regex(problem(JSON.stringify({ ...META, base: '.' })), /expected an end of the chain/)
  t.false(problem('{\n\n').includes('\n'))
  t.throws(() => loadState(join(dir, 'nowhere')), { message: /expected a saved state, found no such file/ })
})

test('an overlay holds only what differs from its base', (t) => {
  const parent = folder()
  saveState(join(parent, 'healthy'), state())
  const dir = join(parent, 'fault')
  mkdirSync(join(dir, 'h1'), { recursive: true })
  writeFileSync(join(dir, 'meta.json'), JSON.stringify({ ...META, kind: 'constructed', base: '../healthy' }))
  writeFileSync(join(dir, 'h1', 'links.txt'), '[{"changed":1}]')
  const loaded = loadState(dir)
  const of = (name: string) => loaded.hosts[0]?.sections.find((section) => section.name === name)
  t.is(loaded.meta.kind, 'constructed')
  t.is(of('links')?.stdout, '[{"changed":1}]')
  t.is(of('kernel')?.stdout, 'release=6.1\n')
  t.deepEqual(loaded.datastore, { any: ['thing'] })
  t.is(loaded.hosts.length, 2)
})

test('a replay gives the recorded ends back, and a missing section is missing', async (t) => {
  const [host, dead] = state().hosts
  if (host === undefined || dead === undefined) return t.fail()
  const { sections, commands } = await collectHost(replayRunner(host))
  t.is(commands.length, 1)
  t.deepEqual(sections.find(({ name }) => name === 'links')?.stderr, 'odd\n')
  const { facts } = factsFromSections(host, sections)
  t.like(facts.kernel, { known: true, value: { release: '6.1' } })
  t.like(facts.rules, { known: false, why: 'timed-out' })
  t.like(facts.fdb, { known: false, why: 'missing' })
  for (const nothing of [await collectHost(replayRunner(dead)), await collectRecorded(dead, FACT_COLLECTORS)])
    t.like(nothing, { sections: [], problem: { problem: 'unreachable' } })
})

for (const name of readdirSync(STATES)) {
  test(`the recording ${name} is read without a problem`, async (t) => {
    const loaded = loadState(join(STATES, name))
    t.true(loaded.hosts.length >= 2)
    t.notThrows(() => JSON.parse(readFileSync(join(STATES, name, 'meta.json'), 'utf8')))
    for (const host of loaded.hosts) {
      const { sections, problem } = await collectHost(replayRunner(host), host.settings)
      const untimed = ({ ms: _, ...section }: Section) => section
      const unframed = await collectRecorded(host, FACT_COLLECTORS)
      t.deepEqual(unframed.sections.map(untimed), sections.map(untimed))
      const { facts } = factsFromSections(host, sections, problem)
      const recorded = new Set(sections.map(({ name }): string => name))
      const absent = Object.entries(facts).filter(
        ([name, fact]) => !fact.known && fact.why !== 'not-applicable' && recorded.has(name),
      )
      t.deepEqual(absent, [])
    }
  })
}

function stateOf(edit: (dir: string) => void): string {
  const dir = join(folder(), 'state')
  saveState(dir, state())
  edit(dir)
  return dir
}

test('two hosts of one name are refused: one of them would never be judged', (t) => {
  const dir = stateOf((at) => {
    const meta = JSON.parse(readFileSync(join(at, 'meta.json'), 'utf8'))
    writeFileSync(join(at, 'meta.json'), JSON.stringify({ ...meta, hosts: [meta.hosts[0], meta.hosts[0]] }))
  })
  t.throws(() => loadState(dir), {
    instanceOf: StateError,
    message: /hosts\[1\]\.name: expected a name of its own, found "h1"$/,
  })
})

test('output without a record of its command is no whole output', (t) => {
  const dir = stateOf((at) => writeFileSync(join(at, 'h1', 'sections.json'), '{}'))
  t.deepEqual(
    loadState(dir).hosts[0]?.sections.map(({ end }) => end),
    [{ truncated: true }, { truncated: true }, { truncated: true }],
  )
})

test('records that are no object are refused', (t) => {
  const dir = stateOf((at) => writeFileSync(join(at, 'h1', 'sections.json'), '"x"'))
  t.throws(() => loadState(dir), { instanceOf: StateError, message: /sections\.json: expected an object/ })
})
