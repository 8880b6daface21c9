/** The workflows: actions by commit, least rights, and commands that are there. */

import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { parse } from 'yaml'

const ROOT = new URL('../../', import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}
const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: fileURLToPath(ROOT) }).map((path) => ({
  name: basename(path),
  text: readFileSync(new URL(path, ROOT), 'utf8'),
}))
const PINNED = /^\s*(?:- )?uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/

test('tests, a nightly run and releases are there', (t) => {
  t.deepEqual(WORKFLOWS.map(({ name }) => name).sort(), ['nightly.yml', 'release.yml', 'test.yml'])
})

for (const { name, text } of WORKFLOWS) {
  test(`${name}: every action is pinned by its commit, with its version beside it`, (t) => {
    const uses = text.split('\n').filter((line) => /\buses:/.test(line))
    t.true(uses.length > 0)
    t.deepEqual(
      uses.filter((line) => !PINNED.test(line)),
      [],
    )
  })

  test(`${name}: may only read unless a job says why, and every job has a limit`, (t) => {
    const { permissions, jobs } = parse(text)
    t.deepEqual(permissions, { contents: 'read' })
    for (const [job, value] of Object.entries(jobs as Record<string, Record<string, unknown>>)) {
      t.is(typeof value['timeout-minutes'], 'number', job)
    }
  })

  test(`${name}: every npm command is one of package.json`, (t) => {
    const named = [...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script)
    t.deepEqual(
      named.filter((script) => scripts[script] === undefined),
      [],
    )
  })
}

test('one version of an action is one commit everywhere', (t) => {
  const commits = new Map<string, Set<string>>()
  for (const { text } of WORKFLOWS) {
    for (const [, action = '', commit = ''] of text.matchAll(/uses: (\S+)@([0-9a-f]{40})/g)) {
      commits.set(action, (commits.get(action) ?? new Set()).add(commit))
    }
  }
  for (const [action, found] of commits) t.is(found.size, 1, action)
})
