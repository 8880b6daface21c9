import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { bundlePaths } from './bundle-paths.ts'
import { StateError } from './state-meta.ts'

const made: string[] = []
test.after.always(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** A folder with empty files of those paths. */
function folderOf(...paths: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-paths-'))
  made.push(folder)
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), '')
  }
  return folder
}

test('a folder stands for the states in it and in the folders below, however they were laid there', (t) => {
  const folder = folderOf(
    'h1.tgz',
    'h2/var/tmp/state.tgz',
    'h3/meta.json',
    'h3/h3/links.txt',
    'rack/h4/meta.json',
    'rack/README.md',
    'empty/README.md',
  )
  t.deepEqual(
    bundlePaths([folder]),
    ['h1.tgz', 'h2/var/tmp/state.tgz', 'h3', 'rack/h4'].map((path) => join(folder, path)),
  )
})

test('a state that is still being written, and what hidden folders hold, is no bundle', (t) => {
  const folder = folderOf('h1/meta.json', '.h1.4242-0123456789ab/meta.json', '.snapshot/daily/h1.tgz')
  t.deepEqual(bundlePaths([folder]), [join(folder, 'h1')])
})

test('a folder without states is refused', (t) => {
  const folder = folderOf('notes/README.md')
  t.throws(() => bundlePaths([folder]), {
    instanceOf: StateError,
    message: `${folder}: expected a saved state or a folder of them, found neither`,
  })
})

test('a link to a state is refused in folders below as well, and no link is followed', (t) => {
  const folder = folderOf('h1/meta.json', 'below/README.md')
  symlinkSync(folder, join(folder, 'below/loop'))
  t.deepEqual(bundlePaths([folder]), [join(folder, 'h1')])
  symlinkSync(join(folder, 'h1'), join(folder, 'below/h2'))
  t.throws(() => bundlePaths([folder]), {
    instanceOf: StateError,
    message: /below\/h2: expected a saved state, found a symbolic link$/,
  })
})

test('folders that only keep us busy are refused', (t) => {
  t.throws(() => bundlePaths([folderOf(`${'d/'.repeat(16)}h1.tgz`)]), { message: /folders in each other/ })
  t.deepEqual(bundlePaths([folderOf(`${'d/'.repeat(15)}h1.tgz`)]).length, 1)
})
