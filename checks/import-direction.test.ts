/** Collect, judge, render: the directions in which the folders may import each other. */
import test, { type ExecutionContext } from 'ava'
import { importCycles, importsOf, mutualFolders } from '../runners/dev/import-graph.ts'
import { forbiddenImports } from '../runners/dev/import-rules.ts'
import { isTestFile, readSourceTree, sourceFile } from '../runners/dev/source-tree.ts'

const tree = readSourceTree()

/** Prints each sentence on a line of its own; there must be none. */
function none(t: ExecutionContext, sentences: readonly string[]): void {
  for (const sentence of sentences) t.log(sentence)
  t.is(sentences.length, 0)
}
const imports = tree.flatMap(importsOf)

/** The sentences for a file of that path and text. */
function broken(path: string, text: string): string[] {
  return forbiddenImports(importsOf(sourceFile(path, text)))
}

test('every import follows the direction of the folders', (t) => {
  t.true(imports.length > 100, `only ${imports.length} imports were found`)
  none(t, forbiddenImports(imports))
})

test('every relative import names a file that is there', (t) => {
  const files = new Set(tree.map(({ path }) => path))
  const dangling = imports.filter(({ to, isPackage }) => !isPackage && !files.has(to))
  none(
    t,
    dangling.map(({ from, line, to }) => `${from}:${line} imports ${to}, which is not there`),
  )
})

test('no file imports itself through others', (t) => {
  none(
    t,
    importCycles(imports).map((cycle) => `${cycle.join(' → ')}: move what both need to a file of its own`),
  )
})

test('no two folders of runners/ or of reports/ import each other', (t) => {
  const own = imports.filter(({ from, to }) =>
    ['runners/', 'reports/'].some((folder) => from.startsWith(folder) && to.startsWith(folder)),
  )
  none(
    t,
    mutualFolders(own.filter(({ from }) => !isTestFile(from))).map(
      ([there, back]) =>
        `${there.from}:${there.line} imports ${there.to}, and ${back.from}:${back.line} imports ${back.to}: move what both folders need into one of them, or into a folder below both`,
    ),
  )
})

const FORBIDDEN: readonly (readonly [path: string, text: string])[] = [
  ['checks/fdb/peer-vtep.ts', `import { readFileSync } from 'node:fs'`],
  ['checks/fdb/peer-vtep.ts', `import { z } from 'zod'`],
  ['checks/fdb/peer-vtep.ts', `import { run } from '../../runners/hosts/command/spawn.ts'`],
  ['checks/fdb/peer-vtep.ts', `import type { Report } from '../../reports/document/report.ts'`],
  ['checks/fdb/peer-vtep.ts', `import check from '../route/peer-subnet.ts'`],
  ['checks/fdb/peer-vtep.ts', `import {\n  CHECKS,\n} from '../registry.ts'`],
  ['checks/fdb/peer-vtep.ts', `const x = await import('node:fs')`],
  ['checks/model/route.ts', `export { vxlan } from '../expected/vxlan.ts'`],
  ['checks/expected/vxlan.ts', `import check from '../fdb/peer-vtep.ts'`],
  ['checks/trace/walk.ts', `import check from '../fdb/peer-vtep.ts'`],
  ['checks/diagnosis/diagnose.ts', `import check from '../fdb/peer-vtep.ts'`],
  ['reports/text/text.ts', `import { LAYERS } from '../../checks/check.ts'`],
  ['reports/text/text.ts', `import { styleText } from 'node:util'`],
  ['fixtures/build.ts', `import { run } from '../runners/hosts/command/spawn.ts'`],
  ['runners/hosts/netns.ts', `import { spawn } from 'node:child_process'`],
  ['runners/cli/cli.ts', `import { $ } from 'zx'`],
  ['runners/pool.ts', `import { run } from './hosts/command/spawn.ts'`],
  ['runners/setup/flanneld.ts', `import type { Runner } from '../hosts/command/runner.ts'`],
  ['runners/hosts/netns.ts', `import { collectHost } from '../collect/collect.ts'`],
  ['runners/collect/collect.ts', `import { readEtcd } from '../datastore/read-etcd.ts'`],
  ['runners/datastore/read-via.ts', `import type { Inventory } from '../inventory/inventory.ts'`],
  ['runners/inventory/targets.ts', `import { planProbes } from '../probe/plan.ts'`],
  ['runners/probe/plan.ts', `import { climb } from '../trace/rungs.ts'`],
  ['runners/trace/rungs.ts', `import { judge } from '../run/judging/judge.ts'`],
  ['runners/run/judging/judge.ts', `import { findLab } from '../lab/running/state.ts'`],
  ['runners/lab/place.ts', `import { act } from '../conformance/act.ts'`],
  ['runners/conformance/act.ts', `import { benchPairs } from '../throughput/bench-pairs.ts'`],
  ['runners/throughput/bench-pairs.ts', `import { act } from '../conformance/act.ts'`],
  ['runners/conformance/conformance-run.ts', `import { interruption } from '../cli/options/run-flags.ts'`],
  ['runners/cli/grammar.ts', `import { measure } from '../dev/measure.ts'`],
  ['runners/run/collecting/collect-cluster.ts', `import type { Step } from '../steps/step.ts'`],
  ['runners/run/judging/judge.ts', `import { runSaved } from '../run-inventory.ts'`],
  ['runners/run/run-inventory.ts', `import { runConfirmed } from './repeated/confirm.ts'`],
  ['runners/run/repeated/confirm.ts', `import { diffReports } from '../compared/diff-reports.ts'`],
  ['reports/document/report.ts', `import type { Cases } from '../programs/cases.ts'`],
  ['reports/words/undecided.ts', `import { text } from '../text/text.ts'`],
  ['reports/html/page.ts', `import { text } from '../text/text.ts'`],
  ['reports/html/page.ts', `import { REPORTERS } from '../registry.ts'`],
  ['runners/lab/place.ts', `import { someFile } from '../attic/some-file.ts'`],
  ['runners/probe/plan.ts', `import { pathForTests } from './kernel/path-for-tests.ts'`],
]

for (const [path, text] of FORBIDDEN) {
  test(`${path} may not: ${text.replaceAll(/\s+/g, ' ')}`, (t) => {
    const sentences = broken(path, text)
    t.true(sentences.length > 0)
    t.true(sentences[0]?.startsWith(`${path}:1 imports `))
  })
}

test('imports of the right direction pass', (t) => {
  t.deepEqual(broken('checks/fdb/peer-vtep.ts', `import { defineHostCheck } from '../define.ts'`), [])
  t.deepEqual(broken('reports/text/text.ts', `import type { Outcome } from '../../checks/check.ts'`), [])
  t.deepEqual(broken('reports/text/text.ts', `import { type Outcome } from '../../checks/check.ts'`), [])
  t.deepEqual(broken('checks/fdb/peer-vtep.ts', `// import { z } from 'zod'\nconst s = "import 'zod'"`), [])
})

test('folders of runners/ import downwards, and tests import what they like', (t) => {
  const down = `import { spawn } from '../hosts/command/spawn.ts'`
  t.deepEqual(broken('runners/dev/bench.ts', down), [])
  t.deepEqual(broken('runners/run/run-inventory.ts', `import { judge } from './judging/judge.ts'`), [])
  t.deepEqual(
    broken('runners/run/repeated/confirm.ts', `import { JUDGE_ALL } from '../run-inventory.ts'`),
    [],
  )
  t.deepEqual(broken('runners/lab/place.ts', `import { InputError } from '../input-error.ts'`), [])
  t.deepEqual(broken('runners/probe/a.test.ts', `import { findLab } from '../lab/running/state.ts'`), [])
  t.deepEqual(broken('runners/probe/a-for-tests.ts', `import { findLab } from '../lab/running/state.ts'`), [])
})

const MUTUAL: readonly (readonly [string, string, string, string])[] = [
  ['two folders', 'runners/a/one.ts', '../b/two.ts', 'runners/b/two.ts ../a/one.ts'],
  ['types', 'runners/a/one.ts', '../b/two.ts', 'runners/b/three.ts ../a/four.ts'],
  ['a folder and one below it', 'runners/a/one.ts', './b/two.ts', 'runners/a/b/two.ts ../three.ts'],
  ['with all that is below', 'runners/a/x/one.ts', '../../b/two.ts', 'runners/b/y/z.ts ../../a/four.ts'],
]

for (const [words, from, to, back] of MUTUAL) {
  test(`folders that import each other are found: ${words}`, (t) => {
    const [path = '', specifier = ''] = back.split(' ')
    const there = importsOf(sourceFile(from, `import type { A } from '${to}'`))
    const both = [...there, ...importsOf(sourceFile(path, `import type { B } from '${specifier}'`))]
    t.is(mutualFolders(both).length, 1)
    t.is(mutualFolders(there).length, 0)
  })
}

test('a cycle of three files is found once', (t) => {
  const files = ['a', 'b', 'c'].map((name, index) =>
    sourceFile(`runners/${name}.ts`, `import './${['b', 'c', 'a'][index]}.ts'`),
  )
  t.is(importCycles(files.flatMap(importsOf)).length, 1)
})
