/**
 * `npm test` and `npm run test:folder`: runs AVA, prints failures as they come, then the reasons of skipped tests, and
 * ends with `N passed, N failed, N skipped`. A run in which no test ran is a failure.
 */

import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { open } from '../hosts/command/spawn.ts'
import { countTests, skipsByReason, type TapTest, type Totals, tapReader, totalsLine } from './tap-summary.ts'

const AVA = fileURLToPath(new URL('../../node_modules/ava/entrypoints/cli.js', import.meta.url))

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function printFailure({ title, text }: TapTest): void {
  const details = text.slice(title.length).trimEnd()
  print(`FAILED  ${title}${details}\n`)
}

function printSkips(tests: readonly TapTest[]): void {
  for (const [reason, titles] of skipsByReason(tests)) {
    print(`skipped (${reason}):`)
    for (const title of titles) print(`  ${title}`)
  }
}

/** Prints a line every 50 tests, so that a slow run shows that it lives. */
function progress(tests: readonly TapTest[]): void {
  if (tests.length % 50 === 0) print(`${tests.length} tests so far`)
}

/** Runs AVA and prints failures as they come; gives every test and whether AVA itself ended well. */
async function collectTests(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly tests: readonly TapTest[]; readonly endedWell: boolean }> {
  const ava = await open([process.execPath, AVA, '--tap', ...args], { signal })
  const tests: TapTest[] = []
  const reader = tapReader((test) => {
    tests.push(test)
    if (test.end === 'failed') printFailure(test)
    progress(tests)
  })
  Readable.from(ava.stderr).pipe(process.stderr, { end: false })
  for await (const line of createInterface({ input: Readable.from(ava.stdout) })) reader.line(line)
  reader.end()
  const end = await ava.ended
  return { tests, endedWell: 'exit' in end && end.exit === 0 }
}

/** What makes a run a failure although no test failed. */
function objection({ passed, failed, skipped }: Totals, args: readonly string[]): string | undefined {
  if (passed + failed === 0) {
    return `no test ran${skipped === 0 && args.length > 0 ? `; no test file matches ${args.join(' ')}` : ''}`
  }
  const inCi = process.env.CI === 'true'
  return inCi && skipped > 0 ? 'with CI=true a skipped test is a failure' : undefined
}

/** Runs the tests of the given files, all by default; gives the exit status. */
async function runTests(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort())
  const { tests, endedWell } = await collectTests(args, interrupt.signal)
  const { aborted } = interrupt.signal
  const totals = countTests(tests)
  printSkips(tests)
  const problem = aborted ? 'interrupted' : objection(totals, args)
  if (problem !== undefined) print(problem)
  print(totalsLine(totals))
  if (aborted) return 130
  return problem === undefined && totals.failed === 0 && endedWell ? 0 : 1
}

/** The rules that bind every file: what a new check still lacks is said by them. None needs more than Node. */
const RULES = ['parity', 'house-rules', 'import-direction'].map((name) => `checks/${name}.test.ts`)

/** `--folder FOLDER...`: the tests below these folders and the rules; all other words are as AVA takes them. */
function filesToTest([first, ...folders]: readonly string[]): readonly string[] {
  if (first !== '--folder') return first === undefined ? [] : [first, ...folders]
  if (folders.length === 0) throw new Error('name a folder: npm run test:folder -- checks/fdb')
  return [...folders.map((folder) => `${folder.replace(/\/+$/, '')}/**/*.test.ts`), ...RULES]
}

try {
  process.exitCode = await runTests(filesToTest(process.argv.slice(2)))
} catch (error) {
  print((error as Error).message)
  process.exitCode = 2
}
