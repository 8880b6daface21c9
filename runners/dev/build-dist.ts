/**
 * `npm run build [-- FOLDER]`: the JavaScript and the declarations of the package in FOLDER (`dist` unless given), with
 * what they read at run time beside them.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../hosts/command/spawn.ts'
import { bundlePrograms } from './bundle-programs.ts'
import { writeHandbook } from './handbook.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const READ_AT_RUN_TIME = [
  'checks/*/*.md',
  'checks/clauses/conformance.json',
  'reports/report.schema.json',
  'runners/setup/*.js',
  'runners/setup/kubernetes/*/main.go',
  // What `flannel-doctor start` replays where no lab can run.
  'fixtures/states/v0.28.9-vxlan',
]

/** Compiles into the folder. Throws with the compiler's words where it refuses. */
async function compile(folder: string): Promise<void> {
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const argv = [process.execPath, tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', folder]
  const { end, stdout, stderr } = await run(argv, { timeoutMs: 300_000 })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${stdout.toString()}${stderr}`)
}

/** Nobody who compiles has the types of packages that are bundled. */
const OF_A_PACKAGE = /^import .* from ['"](?!\.|node:)[^'"]+['"]/m
const RELATIVE_IMPORT = /(from |import\()(['"])(\.[^'"]+)\.ts\2/g

/** What users import. */
const ENTRIES = ['runners/library/exports', 'runners/plugins/contract', 'runners/library/testing']

/** The declarations that those of the package's entries lead to. Throws where one is about another package. */
function reachable(folder: string): ReadonlySet<string> {
  const found = new Set(ENTRIES.map((entry) => `${entry}.d.ts`))
  for (const path of found) {
    const text = readFileSync(join(folder, path), 'utf8')
    const [foreign] = OF_A_PACKAGE.exec(text) ?? []
    if (foreign !== undefined) throw new Error(`${path}: ${foreign}: the package brings no types of others`)
    for (const [, , , to = ''] of text.matchAll(RELATIVE_IMPORT)) found.add(`${join(dirname(path), to)}.d.ts`)
  }
  return found
}

/** Keeps those; their imports end in `.ts` as in the source, and what lies beside them is `.js` and `.d.ts`. */
function keepDeclarations(folder: string, kept: ReadonlySet<string>): void {
  for (const path of globSync('**/*.d.ts', { cwd: folder })) {
    const file = join(folder, path)
    if (kept.has(path))
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll(RELATIVE_IMPORT, '$1$2$3.js$2'))
    else rmSync(file)
  }
}

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist'))
rmSync(folder, { recursive: true, force: true })
await compile(folder)
keepDeclarations(folder, reachable(folder))
for (const path of READ_AT_RUN_TIME.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))) {
  cpSync(join(ROOT, path), join(folder, path), { recursive: true })
}
await bundlePrograms(folder, ENTRIES)

writeHandbook(join(folder, 'docs'))

/** What the program says to these words: the same before and after it is built. */
async function told(...words: readonly string[]): Promise<string> {
  const { end, stdout, stderr } = await run([process.execPath, join(ROOT, 'runners/bin.js'), ...words], {
    timeoutMs: 120_000,
  })
  if (!('exit' in end) || end.exit !== 0) throw new Error(`${words.join(' ')}: ${stderr}`)
  return stdout.toString()
}

mkdirSync(join(folder, 'share'))
for (const [name, ...words] of [
  ['flannel-doctor.1', 'man-page'],
  ['flannel-doctor.bash', 'completion', 'bash'],
  ['_flannel-doctor', 'completion', 'zsh'],
  ['flannel-doctor.fish', 'completion', 'fish'],
  ['help.txt', '--help'],
] as const) {
  writeFileSync(join(folder, 'share', name), await told(...words))
}

// Of package.json only what is read at run time: its other fields mean nothing in a folder of the package.
const { version, type } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ version, type })}\n`)
