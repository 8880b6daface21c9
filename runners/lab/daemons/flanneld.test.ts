import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { needs } from '../../test-needs.ts'
import { LabError } from '../lab-error.ts'
import { findFlanneld } from './flanneld.ts'

const quiet = (): void => {}

test('a path without a flanneld is refused', async (t) => {
  const absent = `${import.meta.dirname}/absent/flanneld`
  const error = { instanceOf: LabError, message: `no executable flanneld at ${absent}` }
  await t.throwsAsync(findFlanneld(absent, 'v3', quiet), error)
})

test('a version that cannot be built is refused with the reason', async (t) => {
  await t.throwsAsync(findFlanneld('0.10.0', 'v2', quiet), { message: /older than the Go module/ })
})

/** Stands for a flanneld found on a machine: only its answer to --version is asked for. */
function programSaying(version: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'fd-')), 'flanneld')
  writeFileSync(path, `#!/bin/sh\necho ${version} >&2\n`)
  chmodSync(path, 0o755)
  return path
}

test('a flanneld that speaks the other etcd API is refused', async (t) => {
  const old = programSaying('v0.10.0')
  await t.throwsAsync(findFlanneld(old, 'v3', quiet), { message: /v0\.10\.0 speaks the etcd v2 API only/ })
  t.deepEqual(await findFlanneld(old, 'v2', quiet), { path: old, version: 'v0.10.0' })
})

test('a flanneld that says no version is taken at the word of who names it', async (t) => {
  const dev = programSaying('dev')
  t.deepEqual(await findFlanneld(dev, 'v3', quiet), { path: dev, version: 'dev' })
})

needs(test, 'flanneld')(
  'a version comes out of the cache and says itself that it is that version',
  async (t) => {
    for (const [api, version] of [
      ['v3', 'v0.28.9'],
      ['v2', 'v0.17.0'],
    ] as const) {
      const { path } = await findFlanneld(version, api, quiet)
      t.like(await findFlanneld(path, api, quiet), { path, version })
    }
  },
)
