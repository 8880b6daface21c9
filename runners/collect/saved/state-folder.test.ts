/** What saving replaces, and what it refuses to. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { sectionOf } from './recorded-section.ts'
import { folder, META } from './saved-for-tests.ts'
import { type SavedState, StateError, saveState } from './saved-state.ts'

const STATE: SavedState = {
  meta: { ...META, hosts: [] },
  hosts: [{ name: 'h1', via: 'local:', sections: [sectionOf('links', '[]')] }],
  datastore: null,
  captures: new Map([['h1_eth0.pcap', Buffer.from('pcap')]]),
}

function files(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true }).map(String).sort()
}

function refused(t: ExecutionContext, dir: string, message: RegExp): void {
  const before = files(dir)
  t.throws(() => saveState(dir, STATE), { instanceOf: StateError, message })
  t.deepEqual(files(dir), before)
}

test('a state is readable for its user only, whatever the umask', async (t) => {
  const dir = join(folder(), 's')
  saveState(dir, STATE)
  t.deepEqual(files(dir), [
    'captures',
    'captures/h1_eth0.pcap',
    'datastore.json',
    'h1',
    'h1/links.txt',
    'h1/sections.json',
    'meta.json',
  ])
  for (const path of ['.', ...files(dir)]) {
    const stats = statSync(join(dir, path))
    t.is(stats.mode & 0o777, stats.isDirectory() ? 0o700 : 0o600, path)
  }
})

test('a state with captures is replaced as a whole', (t) => {
  const dir = join(folder(), 's')
  saveState(dir, STATE)
  const { captures: _, ...without } = STATE
  saveState(dir, without)
  t.false(existsSync(join(dir, 'captures')))
})

test('a folder with any meta.json is no saved state of ours', (t) => {
  for (const meta of ['{}', '{', '[]', JSON.stringify({ ...META, tool: 'other', hosts: [] })]) {
    const dir = folder()
    mkdirSync(join(dir, 'sub'))
    writeFileSync(join(dir, 'meta.json'), meta)
    writeFileSync(join(dir, 'thesis.txt'), 'x')
    refused(t, dir, /expected a new, empty or saved-state folder/)
  }
})

const ADDITIONS: Readonly<Record<string, (dir: string) => void>> = {
  'a file beside': (dir) => writeFileSync(join(dir, 'notes.txt'), 'x'),
  'a file in a host': (dir) => writeFileSync(join(dir, 'h1', 'notes.txt'), 'x'),
  'a file in the captures': (dir) => writeFileSync(join(dir, 'captures', 'notes.txt'), 'x'),
  'a folder beside': (dir) => {
    mkdirSync(join(dir, 'h2'))
    writeFileSync(join(dir, 'h2', 'links.txt'), 'x')
  },
  'a folder in a host': (dir) => mkdirSync(join(dir, 'h1', 'links.txt.d')),
  'a link': (dir) => {
    rmSync(join(dir, 'h1', 'links.txt'))
    symlinkSync('/etc/hostname', join(dir, 'h1', 'links.txt'))
  },
}

for (const [name, add] of Object.entries(ADDITIONS)) {
  test(`a state to which somebody added ${name} is not replaced`, (t) => {
    const dir = join(folder(), 's')
    saveState(dir, STATE)
    add(dir)
    refused(t, dir, /which is not of a saved state/)
  })
}

test('what a killed process left beside is removed, and only that', (t) => {
  const parent = folder()
  const dead = join(parent, '.s.4194304-0123456789ab')
  saveState(dead, STATE)
  mkdirSync(join(parent, '.s.4194304-ba9876543210'))
  const other = join(parent, '.s.4194304-aaaaaaaaaaaa')
  mkdirSync(other)
  writeFileSync(join(other, 'precious'), 'x')
  saveState(join(parent, 's'), STATE)
  t.deepEqual(readdirSync(parent).sort(), ['.s.4194304-aaaaaaaaaaaa', 's'])
})

for (const dir of ['/proc/x', '/proc/self/x/y', '/sys/x', '/dev/null/x']) {
  test(`saving to ${dir} ends with an error`, (t) => {
    t.throws(() => saveState(dir, STATE))
  })
}

test('a name as long as a file system takes it can be saved to, again and again', (t) => {
  const name = 'ä'.repeat(127)
  const parent = folder()
  saveState(join(parent, name), STATE)
  saveState(join(parent, name), STATE)
  t.deepEqual(readdirSync(parent), [name])
})
