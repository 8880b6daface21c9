import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { loadPatch, patchHead, patchText } from './patched-state.ts'
import { sectionOf } from './recorded-section.ts'
import { META } from './saved-for-tests.ts'
import { loadState, type SavedState, saveState } from './saved-state.ts'
import { StateError } from './state-meta.ts'
import { textsOf } from './state-texts.ts'

const HEAD = { base: 'healthy', at: META.at, note: 'a route is gone', fault: 'route-lost' }

function state(...names: readonly string[]): SavedState {
  const hosts = names.map((name) => ({
    name,
    via: `netns://${name}`,
    settings: { containers: [], subnetFile: '/x' },
    sections: [
      { ...sectionOf('links', '[\n {"ifname": "lo"},\n {"ifname": "eth0"}\n]\n') },
      { ...sectionOf('rules', 'half'), end: { timedOut: true } as const, stderr: 'odd\n' },
    ],
  }))
  return { meta: { ...META, hosts: [] }, hosts, datastore: { any: ['thing'] } }
}

/** A folder with a base, and the path of a patch in it that has the text. */
function patchIn(text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'patch-'))
  saveState(join(dir, 'healthy'), state('h1', 'h2'))
  writeFileSync(join(dir, 'fault.patch'), text)
  return join(dir, 'fault.patch')
}

function edited(change: (state: SavedState) => SavedState): string {
  return patchText(HEAD, textsOf(state('h1', 'h2')), textsOf(change(state('h1', 'h2'))))
}

const EDITS: readonly (readonly [says: string, change: (state: SavedState) => SavedState])[] = [
  ['nothing', (same) => same],
  ['another datastore', (same) => ({ ...same, datastore: null })],
  ['a host that is gone', ({ hosts, ...same }) => ({ ...same, hosts: hosts.slice(1) })],
  [
    'another text, another end and a section that is gone',
    ({ hosts, ...same }) => ({
      ...same,
      hosts: hosts.map((host) => ({
        ...host,
        sections: [{ ...sectionOf('links', '[]'), end: { exit: 3 } }],
      })),
    }),
  ],
  [
    'a host that cannot be reached',
    ({ hosts, ...same }) => ({
      ...same,
      hosts: hosts.map((host) => ({ ...host, unreachable: 'no route', sections: [] })),
    }),
  ],
]

for (const [says, change] of EDITS) {
  test(`what differs is put back: ${says}`, (t) => {
    const loaded = loadPatch(patchIn(edited(change)))
    t.deepEqual(textsOf(loaded), textsOf(change(state('h1', 'h2'))))
    t.is(loaded.meta.note, HEAD.note)
    t.is(loaded.meta.at, HEAD.at)
  })
}

test('a state without changes is its base', (t) => {
  const path = patchIn(edited((same) => same))
  t.deepEqual(loadPatch(path).hosts.length, loadState(join(path, '../healthy')).hosts.length)
  t.like(patchHead(path), { fault: 'route-lost' })
})

const whole = edited((same) => ({ ...same, datastore: null }))
const BROKEN: readonly (readonly [says: RegExp, text: string])[] = [
  [/base: expected base, at and note/, whole.replace('base: healthy\n', '')],
  [/base: expected base, at and note/, whole.replace('base: healthy', 'base: ../../etc')],
  [/expected YAML/, `a: [\n${whole}`],
  [
    /datastore\.json: expected a change of what the base holds, found another text/,
    whole.replace('"thing"', '"other"'),
  ],
  [
    /h1\/sections\.json/,
    edited((same) => same).concat('--- h1/sections.json\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-{}\n'),
  ],
]

for (const [says, text] of BROKEN) {
  test(`refused: ${says.source} (${text.length})`, (t) => {
    t.throws(() => loadPatch(patchIn(text)), { instanceOf: StateError, message: says })
  })
}

test('what is no file, and a file without an end, are refused', (t) => {
  t.throws(() => loadPatch(join(import.meta.dirname, 'nowhere.patch')), {
    instanceOf: StateError,
    message: /no such file/,
  })
  t.throws(() => loadPatch(tmpdir()), { instanceOf: StateError, message: /is a directory/ })
  t.throws(() => loadPatch('/dev/zero'), { instanceOf: StateError, message: /a device/ })
})
