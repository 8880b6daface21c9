/** A saved state in one file: what was saved comes back, and whatever else a stranger packs is refused at once. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import test from 'ava'
import { Header } from 'tar'
import { doctor } from '../../cli/doctor-for-tests.ts'
import { loadState, stateFiles } from './saved-state.ts'
import { archiveReader, packState, refuseOtherFile } from './state-archive.ts'
import { StateError } from './state-meta.ts'

const REAL = fileURLToPath(new URL('../../../fixtures/states/v0.28.9-vxlan', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-archive-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

function archive(name: string, content: Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const loaded = (path: string) => loadState(path, archiveReader(path))

interface Planted {
  readonly path: string
  readonly type?: 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'FIFO'
  readonly content?: string
  /** What the header says where it lies. */
  readonly size?: number
}

function packed(...entries: readonly Planted[]): Buffer {
  const blocks = entries.flatMap(({ path, type = 'File', content = '', size = content.length }) => {
    const header = new Header({
      path,
      type,
      size,
      mode: 0o644,
      mtime: new Date(0),
      ...(type.endsWith('Link') && { linkpath: '/etc/shadow' }),
    })
    header.encode()
    const body = Buffer.alloc(Math.ceil(content.length / 512) * 512)
    body.write(content)
    return [header.block ?? Buffer.alloc(0), body]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}

test('what was saved comes back, the same bytes each time', (t) => {
  const state = loadState(REAL)
  const bytes = packState(stateFiles(state), state.meta.at)
  t.deepEqual(packState(stateFiles(state), state.meta.at), bytes)
  const { meta, ...rest } = loaded(archive('state.tgz', bytes))
  const { meta: was, ...before } = state
  t.deepEqual(rest, before)
  t.is(meta.at, was.at)
})

test('tar reads it, and a folder that tar packed is read', (t) => {
  const state = loadState(REAL)
  const path = archive('ours.tgz', packState(stateFiles(state), state.meta.at))
  const listed = execFileSync('tar', ['tvzf', path], { encoding: 'utf8' })
  t.regex(listed, /^-rw------- .* meta\.json$/m)
  const theirs = join(folder, 'theirs.tgz')
  execFileSync('tar', ['czf', theirs, '-C', join(REAL, '..'), 'v0.28.9-vxlan'])
  t.deepEqual(loaded(theirs).hosts, state.hosts)
})

const META = readFileSync(join(REAL, 'meta.json'), 'utf8')
const TRAPS: Readonly<Record<string, readonly [Buffer, RegExp]>> = {
  'a symbolic link': [packed({ path: 'h1', type: 'SymbolicLink' }), /which is a SymbolicLink/],
  'a hard link': [packed({ path: 'meta.json', type: 'Link' }), /which is a Link/],
  'a device': [packed({ path: 'h1/links.txt', type: 'CharacterDevice' }), /which is a CharacterDevice/],
  'a FIFO': [packed({ path: 'h1/links.txt', type: 'FIFO' }), /which is a FIFO/],
  'nothing of a state': [packed({ path: '../../etc/passwd', content: 'x' }), /expected a saved state/],
  'less than it says': [
    packed({ path: 'meta.json', content: 'x', size: 1_000_000 }),
    /archive of a saved state/,
  ],
  'a bomb': [gzipSync(Buffer.alloc(600 * 1024 * 1024)), /more than \d+ bytes/],
  'a base beside it': [
    packed({
      path: 'meta.json',
      content: JSON.stringify({ ...JSON.parse(META), base: '../states' }),
    }),
    /without a base/,
  ],
  'several states': [
    packed({ path: 'h1/meta.json', content: META }, { path: 'h2/meta.json', content: META }),
    /found "h1\/meta\.json" and "h2\/meta\.json"/,
  ],
  'no gzip': [Buffer.from('plain'), /no gzip file/],
}

for (const [name, [content, problem]] of Object.entries(TRAPS)) {
  test(`refused: ${name}`, (t) => {
    const path = archive(`${name.replaceAll(' ', '-')}.tgz`, content)
    t.throws(() => loaded(path), { instanceOf: StateError, message: problem })
  })
}

test('a link, a device or a folder of that name is not read', (t) => {
  const link = join(folder, 'device.tgz')
  symlinkSync('/dev/zero', link)
  t.throws(() => loaded(link), { instanceOf: StateError, message: /device/ })
  mkdirSync(join(folder, 'folder.tgz'))
  t.throws(() => loaded(join(folder, 'folder.tgz')), { instanceOf: StateError, message: /directory/ })
})

test('a file that is none of ours is not replaced', (t) => {
  const path = archive('holiday.tgz', packed({ path: 'photo.jpg', content: 'x' }))
  t.throws(() => refuseOtherFile(path), { instanceOf: StateError, message: /found another one/ })
  t.notThrows(() => refuseOtherFile(join(folder, 'absent.tgz')))
})

test('collect writes one private file, and replay judges it as the folder', async (t) => {
  const path = join(folder, 'collected.tgz')
  const here = ['--host', 'local:', '--etcd', 'http://127.0.0.1:1', '--deadline', '60']
  const first = await doctor('collect', ...here, '--save', path)
  t.regex(first.stderr, /saved .* to .*collected\.tgz/)
  t.is(statSync(path).mode & 0o777, 0o600)
  t.is((await doctor('collect', ...here, '--save', path)).exit, first.exit, 'its own file is replaced')
  const replayed = JSON.parse((await doctor('replay', path, '--format', 'json')).stdout)
  t.is(replayed.hosts.length, 1)
  const redacted = join(folder, 'redacted.tgz')
  await doctor('collect', ...here, '--redact', '--save', redacted)
  t.regex((await doctor('replay', path, redacted)).stderr, /they were not redacted together/)
})
