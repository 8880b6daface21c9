/** Collect, judge, render: the directions in which the folders may import each other. */
import test, { type ExecutionContext } from 'ava'
import { importCycles, importsOf } from '../runners/dev/import-graph.ts'
import { forbiddenImports } from '../runners/dev/import-rules.ts'
import { readSourceTree, sourceFile } from '../runners/dev/source-tree.ts'

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

const FORBIDDEN: readonly (readonly [path: string, text: string])[] = [
  ['checks/fdb/peer-vtep.ts', `import { readFileSync } from 'node:fs'`],
  ['checks/fdb/peer-vtep.ts', `import { z } from 'zod'`],
  ['checks/fdb/peer-vtep.ts', `import { run } from '../../runners/hosts/command/spawn.ts'`],
  ['checks/fdb/peer-vtep.ts', `import type { Report } from '../../reports/report.ts'`],
  ['checks/fdb/peer-vtep.ts', `import check from '../route/peer-subnet.ts'`],
  ['checks/fdb/peer-vtep.ts', `import {\n  CHECKS,\n} from '../registry.ts'`],
  ['checks/fdb/peer-vtep.ts', `const x = await import('node:fs')`],
  ['checks/model/route.ts', `export { vxlan } from '../expected/vxlan.ts'`],
  ['checks/expected/vxlan.ts', `import check from '../fdb/peer-vtep.ts'`],
  ['checks/trace/walk.ts', `import check from '../fdb/peer-vtep.ts'`],
  ['checks/diagnosis/diagnose.ts', `import check from '../fdb/peer-vtep.ts'`],
  ['reports/text.ts', `import { LAYERS } from '../checks/check.ts'`],
  ['reports/text.ts', `import { styleText } from 'node:util'`],
  ['fixtures/build.ts', `import { run } from '../runners/hosts/command/spawn.ts'`],
  ['runners/hosts/netns.ts', `import { spawn } from 'node:child_process'`],
  ['runners/cli/cli.ts', `import { $ } from 'zx'`],
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
  t.deepEqual(broken('reports/text.ts', `import type { Outcome } from '../checks/check.ts'`), [])
  t.deepEqual(broken('reports/text.ts', `import { type Outcome } from '../checks/check.ts'`), [])
  t.deepEqual(broken('checks/fdb/peer-vtep.ts', `// import { z } from 'zod'\nconst s = "import 'zod'"`), [])
})

test('a cycle of three files is found once', (t) => {
  const files = ['a', 'b', 'c'].map((name, index) =>
    sourceFile(`runners/${name}.ts`, `import './${['b', 'c', 'a'][index]}.ts'`),
  )
  t.is(importCycles(files.flatMap(importsOf)).length, 1)
})
