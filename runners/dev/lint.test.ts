/** The compiler, the formatter and the linters, so that one command enforces them all. */
import test from 'ava'
import { run } from '../hosts/command/spawn.ts'

const TOOLS: readonly (readonly [title: string, program: string, ...args: string[]])[] = [
  ['the types check', 'typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p', '.'],
  [
    'biome: format, imports, cognitive complexity',
    '@biomejs/biome/bin/biome',
    'ci',
    '--max-diagnostics=20',
    '--colors=off',
  ],
  ['oxlint: sizes, parameters, complexity', 'oxlint/bin/oxlint', '--type-aware', '--format=unix'],
  [
    'knip: no unused file or package',
    'knip/bin/knip.js',
    '--no-progress',
    '--no-config-hints',
    '--include=files,dependencies,unlisted,unresolved',
  ],
]

for (const [title, program, ...args] of TOOLS) {
  test(title, async (t) => {
    const argv = [process.execPath, `node_modules/${program}`, ...args]
    const { end, stdout, stderr } = await run(argv, { timeoutMs: 120_000 })
    t.log(`${stdout.toString()}\n${stderr}`)
    t.deepEqual(end, { exit: 0 })
  })
}
