/** The rules of the house that no general linter knows; sizes and complexity are in .oxlintrc.json. */
import test, { type ExecutionContext } from 'ava'
import { codeOnly } from '../runners/dev/code-only.ts'
import { brokenRules, crowdedFolders, vagueNames } from '../runners/dev/source-rules.ts'
import { readSourceTree, sourceFile } from '../runners/dev/source-tree.ts'

const tree = readSourceTree()

/** Prints each sentence on a line of its own; there must be none. */
function none(t: ExecutionContext, sentences: readonly string[]): void {
  for (const sentence of sentences) t.log(sentence)
  t.is(sentences.length, 0)
}

test('every file keeps the rules of the house', (t) => {
  t.true(tree.length > 50, `only ${tree.length} files were found`)
  none(t, tree.flatMap(brokenRules))
})

test('every file is named after what is in it', (t) => {
  none(t, vagueNames(tree.map(({ path }) => path)))
})

test('no folder has more files next to each other than can be looked through', (t) => {
  none(t, crowdedFolders(tree.map(({ path }) => path)))
  const files = Array.from({ length: 46 }, (_, index) => `checks/fdb/a${index}.ts`)
  t.is(crowdedFolders(files).length, 1)
  t.is(crowdedFolders(files.map((path) => path.replace('.ts', '.test.ts'))).length, 0)
})

const FORBIDDEN: readonly (readonly [path: string, text: string])[] = [
  ['checks/lease/public-ip.ts', 'const age = Date.now() - lease.at'],
  ['checks/lease/public-ip.ts', 'if (Math.random() > 0.5) return'],
  ['checks/lease/public-ip.ts', 'const home = process.env.HOME'],
  ['checks/lease/public-ip.ts', 'export async function* evaluate() {}'],
  ['checks/lease/public-ip.ts', 'class LeaseCheck {}'],
  ['checks/lease/public-ip.ts', "if (config.backend === 'vxlan') return"],
  ['checks/lease/public-ip.ts', 'switch (config.backendType) {}'],
  ['reports/text/text.ts', 'process.stdout.write(text)'],
  ['runners/run/collecting/collect-cluster.ts', 'process.exitCode = 3'],
  ['runners/run/collecting/collect-cluster.ts', "await run(['ip', '-j', 'route'])"],
  ['runners/collect/facts/neighbours.ts', 'const neighborTable = []'],
  ['runners/run/collecting/collect-cluster.ts', '// TODO later'],
  ['checks/lease/public-ip.ts', "yield { unsure: 'The lease is not known' }"],
  ['runners/run/collecting/collect-cluster.ts', "throw new InputError('no such host.')"],
  ['runners/run/collecting/collect-cluster.ts', 'return { ...base, ...(host !== undefined && { host }) }'],
  ['checks/lease/public-ip.ts', 'return { ...(lease.ttl === undefined ? {} : { seconds: lease.ttl }) }'],
  ['runners/run/collecting/collect-cluster.ts', "const cache = '/home/somebody/cache'"],
  ['runners/bin.test.ts', "test.serial.skip('without a Node', () => {})"],
  ['runners/collect/collect.test.ts', "await run(['/nonexistent/sh'])"],
  ['runners/bin.test.ts', "const BIN = new URL('./bin.js', import.meta.url).pathname"],
  ['checks/model/link.ts', 'export enum Kind { vxlan }'],
]

for (const [path, text] of FORBIDDEN) {
  test(`${path} may not say: ${text}`, (t) => {
    const [sentence] = brokenRules(sourceFile(path, text))
    t.true(sentence?.startsWith(`${path}:1 has `), sentence ?? 'no rule speaks')
  })
}

test('comments, strings and regular expressions are not code', (t) => {
  const text = [
    '// process.exit(1)',
    "const a = \"Date.now()\" + 'it\\'s process' // class A",
    'const b = /process["\'`]/g.test(a)',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of a template
    'const c = `process ${value.map((x) => `class ${x}`)} console.`',
  ].join('\n')
  t.deepEqual(brokenRules(sourceFile('checks/lease/public-ip.ts', text)), [])
  t.is(codeOnly(text).length, text.length)
  t.regex(codeOnly(text), /value\.map\(\(x\) =>/)
})

test('vague and misspelt file names are found', (t) => {
  t.is(vagueNames(['checks/utils.ts', 'runners/lab-helpers.ts', 'checks/common/a.ts']).length, 3)
  t.is(vagueNames(['checks/PeerVtep.ts']).length, 1)
  t.deepEqual(vagueNames(['runners/test-needs.ts', 'checks/fdb/peer-vtep.test.ts']), [])
})
