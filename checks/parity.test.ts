/** Every check is registered, documented and tested; each failing rule names the file to edit. */

import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { buildCluster } from '../fixtures/build.ts'
import { clauseLine, withClauseLine } from '../runners/dev/page-sources.ts'
import { type Check, LAYERS } from './check.ts'
import { CLAUSES } from './clauses/registry.ts'
import { evaluate } from './evaluate.ts'
import { CHECKS } from './registry.ts'
import { isWalked } from './trace/pairs/predictions.ts'

const ROOT = new URL('./', import.meta.url)
const HEADINGS = [
  'What it compares',
  'Why it breaks traffic',
  'See it by hand',
  'Fix',
  'Sources',
  'Not covered',
]

/** Codes that are about two of something at least. */
const NEVER_ONE = new Set([
  'datastore/cluster-identity:split',
  'lease/public-ip:duplicate',
  'route/own-subnet:ambiguous',
])

/** A small letter or a value, or a name: of two capitals (UDP, FLANNEL_MTU, NetworkManager) or with a dot (Backend.Type). */
const BEGINNING = /^(?:[a-z{"`]|[A-Z]\w*[A-Z.]|Docker\b)/

function text(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

function codes(check: Check): string[] {
  return Object.keys(check.findings)
}

const allCodes = CHECKS.flatMap((check) => codes(check).map((code) => `${check.id}:${code}`))

/** True when a code, or one of those a pattern stands for, exists. */
function yields(pattern: string): boolean {
  const beginning = pattern.endsWith('*') ? pattern.slice(0, -1) : undefined
  return allCodes.some((code) => (beginning === undefined ? code === pattern : code.startsWith(beginning)))
}

const checkFiles = globSync(`{${LAYERS.join(',')}}/*.ts`, { cwd: fileURLToPath(ROOT) })
  .filter((file) => !file.endsWith('.test.ts'))
  .filter((file) => /^export const check = /m.test(text(file)))
  .map((file) => file.replace(/\.ts$/, ''))

test('every check file is in registry.ts, once, under its own path', (t) => {
  t.deepEqual(CHECKS.map(({ id }) => id as string).sort(), [...checkFiles].sort())
})

test('the registry is in layer order', (t) => {
  const layers = CHECKS.map(({ id }) => LAYERS.findIndex((layer) => id.startsWith(`${layer}/`)))
  t.deepEqual(
    layers,
    [...layers].sort((a, b) => a - b),
  )
})

for (const check of CHECKS) {
  test(`${check.id} has a page with its codes and the fixed headings`, (t) => {
    const path = `${check.id}.md`
    t.true(existsSync(new URL(path, ROOT)), `write checks/${path}`)
    const page = text(path)
    t.true(page.startsWith(`# ${check.title}\n`), `checks/${path}: first line must be "# ${check.title}"`)
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    t.deepEqual(headings, HEADINGS, `checks/${path}: headings`)
    t.is(
      page,
      withClauseLine(page, clauseLine(check.id, CLAUSES)),
      `checks/${path}: node runners/dev/conformance-json.ts`,
    )
    for (const code of codes(check)) {
      t.true(page.includes(`\`${check.id}:${code}\``), `checks/${path}: describe ${check.id}:${code}`)
    }
  })

  test(`${check.id} has a test that names every code`, (t) => {
    const path = `${check.id}.test.ts`
    t.true(existsSync(new URL(path, ROOT)), `write checks/${path}`)
    const tables = text(path)
    t.true(tables.includes('testCheck('), `checks/${path}: use testCheck`)
    for (const code of codes(check)) {
      t.regex(tables, new RegExp(`\\b${code}\\b`), `checks/${path}: no failing case for ${code}`)
    }
  })

  test(`${check.id} says what it found in clauses`, (t) => {
    for (const [code, { says }] of Object.entries(
      check.findings as Record<string, Check['findings'][string]>,
    )) {
      t.regex(says, BEGINNING, `checks/${check.id}.ts: ${code}: a message begins small, unless with a name`)
      t.notRegex(says, /\.$|\w[}"')]*\. [A-Z{]/, `checks/${check.id}.ts: ${code}: a message has no full stop`)
      if (!NEVER_ONE.has(`${check.id}:${code}`))
        t.notRegex(
          says,
          /\{count\} (?!of )[a-z ]+s\b/,
          `checks/${check.id}.ts: ${code}: it may be “1 leases”`,
        )
    }
  })

  test(`${check.id} explains only codes that exist`, (t) => {
    const kinds = Object.entries(check.findings as Record<string, Check['findings'][string]>)
    const unknown = kinds.flatMap(([code, kind]) =>
      (kind.explains ?? [])
        .filter((edge) => !yields(edge.code))
        .map((edge) => `checks/${check.id}.ts: ${code} explains ${edge.code}, which no check yields`),
    )
    t.deepEqual(unknown, [])
  })
}

test('whoever asks what becomes of all packets says so: the pairs are walked before', (t) => {
  for (const check of CHECKS) {
    const snapshot = buildCluster({ hosts: 2, backend: 'vxlan' })
    evaluate(snapshot, [check], snapshot.window.to)
    t.is(isWalked(snapshot), check.walks === true, check.id)
  }
})

test('the registry is complete, and every layer but the data plane has one', (t) => {
  t.is(CHECKS.length, 137)
  const bare = LAYERS.filter(
    (layer) => layer !== 'dataplane' && !CHECKS.some(({ id }) => id.startsWith(`${layer}/`)),
  )
  t.deepEqual(bare, [])
})
