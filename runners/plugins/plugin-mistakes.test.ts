/** What the mistakes of a plugin take down: themselves. */
import test from 'ava'
import { clusterContext } from '../../checks/expected/expected-host.ts'
import { buildCluster } from '../../fixtures/build.ts'
import { doctor } from '../cli/doctor-for-tests.ts'
import { InputError } from '../input-error.ts'
import { replay } from '../library/exports.ts'
import { loadPlugins } from './load-plugins.ts'
import { checking, EXAMPLE, HEALTHY, pluginFolder } from './plugin-files-for-tests.ts'

const { asTyped, file, remove } = pluginFolder()
test.after.always(remove)

const WRONG_ANSWERS = [
  ["throw new Error('no luck')", /the check itself failed: no luck/],
  ["yield { code: 'other' }", /yields the code other, which it does not declare/],
  ["yield { code: 'gone', peer: 5 }", /its answer: /],
  ["yield { code: 'gone', data: { a: () => 1 } }", /could not be cloned/],
  ["for (;;) yield { code: 'gone' }", /more than 10000 findings/],
  ['yield { unsure: view.cluster.snapshot === undefined ? "blind" : "sees all" }', /^blind$/],
  ['yield { unsure: String(Object.keys(view.facts)) }', /^kernel$/],
] as const

for (const [at, [body, reason]] of WRONG_ANSWERS.entries()) {
  test(`undecided alone is a check that does: ${body}`, async (t) => {
    const plugins = [file(`check-${at}.mjs`, checking(body))]
    const { verdict, results } = (await replay(HEALTHY, { plugins, only: ['link', 'acme'] })).report
    t.is(verdict, 'undecided')
    const open = results.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'not-applicable')
    t.deepEqual([...new Set(open.map(({ check }) => check))], ['acme/dns'])
    t.regex(open[0]?.reason ?? '', reason)
    t.true(results.some(({ check }) => check === 'link/flannel'))
  })
}

const CHECK = { id: 'acme/dns', scope: 'host', title: 't', page: 'p', needs: [], findings: {} }
const FINDING = { severity: 'info', confidence: 'certain', says: 's', fix: 'f' }

/** A plugin with one check that is so. */
function withCheck(more: object): string {
  return `export default ${JSON.stringify({ apiVersion: 1, name: 'acme', checks: [{ ...CHECK, ...more }] })}`
}

const UNLOADABLE = [
  ["throw new Error('bad day')", /not loaded: bad day/],
  ['export default {', /not loaded: .*(Unexpected|end of input)/],
  ["import 'node:fs'", /imports node:fs: a plugin reads hosts by its facts alone/],
  ["import { createRequire } from 'module'", /imports module/],
  ["import 'no-such-package'", /no-such-package/],
  ["await fetch('http://127.0.0.1')", /fetch is not defined/],
  ['process.exit(0)', /exit is not a function/],
  ["process.getBuiltinModule('fs')", /not a function/],
  ['', /it has no default export/],
  ["export default { apiVersion: 2, name: 'acme' }", /apiVersion: expected 1/],
  ["export default { apiVersion: 1, name: 'fdb' }", /name fdb: that one is flannel-doctor's own/],
  [withCheck({ id: 'fdb/peer-vtep' }), /check fdb\/peer-vtep: expected a name like acme\/dns/],
  ["export default { apiVersion: 1, name: 'acme', facts: [1] }", /facts\[0\]/],
  [withCheck({ needs: ['acme.none'] }), /needs acme\.none: there is no such fact/],
  [
    withCheck({ findings: { a: { ...FINDING, explains: [{ code: 'acme/*', when: 'anywhere' }] } } }),
    /acme\/dns:a explains itself/,
  ],
  [withCheck({ findings: { a: { ...FINDING, severity: 'fatal' } } }), /severity: expected critical, warning/],
  [withCheck({ page: { file: 'file:///etc/passwd/x' } }), /the page of acme\/dns/],
] as const

test('one that cannot be loaded, or breaks the contract, is one result in error', async (t) => {
  const names = UNLOADABLE.map(([text], at) => file(`load-${at}.mjs`, text))
  const { failures, checks } = await loadPlugins(names.map(asTyped))
  t.deepEqual(checks, [])
  t.is(failures.length, UNLOADABLE.length)
  for (const [at, [text, reason]] of UNLOADABLE.entries()) {
    t.like(failures[at], { check: `plugin/${names[at]}`, outcome: 'error' }, text)
    t.regex(failures[at]?.reason ?? '', reason, text)
  }
  const { report } = await replay(HEALTHY, { plugins: [names[0] ?? ''], only: ['link'] })
  t.is(report.verdict, 'undecided')
  t.true(report.results.some(({ outcome }) => outcome === 'pass'))
})

test('of two plugins of one name the second is in error', async (t) => {
  const plugins = await loadPlugins([asTyped(EXAMPLE), asTyped(file('second.mjs', checking('')))])
  t.is(plugins.checks.length, 1)
  t.regex(plugins.failures[0]?.reason ?? '', /another plugin has the name acme/)
  plugins.close()
})

test('an endless loop is ended, in a check and while it is loaded', async (t) => {
  const plugins = await loadPlugins([asTyped(file('loop.mjs', checking('for (;;);')))], { eachMs: 300 })
  const [check] = plugins.checks
  const evaluate = check?.evaluate as unknown as (view: object) => unknown
  const cluster = clusterContext(buildCluster({ hosts: 1, backend: 'vxlan' }), 0)
  t.throws(() => evaluate({ host: 'h1', cluster }), { message: /gave no answer within 0.3 s and was ended/ })
  t.throws(() => evaluate({ host: 'h2', cluster }), { message: /gave no answer/ }, 'its time is used up')
  plugins.close()
  const endless = await loadPlugins([asTyped(file('loading.mjs', 'for (;;);'))], { loadMs: 300 })
  t.regex(endless.failures[0]?.reason ?? '', /gave no answer within 0.3 s and was ended/)
})

test('after a loop the next thing is asked of a new thread', async (t) => {
  const facts = ['loop', 'good'].map(
    (name) =>
      `{ fact: 'acme.${name}', command: 'x', parse: () => { while ('${name}' === 'loop'); return { value: 1 } } }`,
  )
  const path = file('facts.mjs', `export default { apiVersion: 1, name: 'acme', facts: [${facts}] }`)
  const plugins = await loadPlugins([asTyped(path)], { eachMs: 300 })
  const section = { stdout: '', stderr: '' } as never
  const [loop, good] = plugins.facts
  t.throws(() => loop?.parse(section), { message: /gave no answer/ })
  t.deepEqual(good?.parse(section), { value: 1 })
  plugins.close()
})

test('a format that throws leaves the others, and its message', async (t) => {
  const reporter = `{ name: 'acme/bad', about: 'x', render() { throw new Error('no ink') } }`
  const path = file('format.mjs', `export default { apiVersion: 1, name: 'acme', reporters: [${reporter}] }`)
  const words = ['--format', `acme/bad=${path}.out`, '--format', 'nagios', '--only', 'link']
  const { exit, stdout, stderr } = await doctor('replay', HEALTHY, '--plugin', path, ...words)
  t.regex(stdout, /^FLANNEL OK/)
  t.regex(stderr, /no ink/)
  t.is(exit, 3)
})

test('a plugin that is not there is wrong input', async (t) => {
  for (const named of ['./none.mjs', 'no-such-package', '../../etc', 'file:///etc/passwd']) {
    await t.throwsAsync(loadPlugins([asTyped(named)]), { instanceOf: InputError })
  }
  t.is((await doctor('list', 'checks', '--plugin', './none.mjs')).exit, 2)
})
