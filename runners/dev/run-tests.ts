/**
 * `npm test`: runs AVA, prints failures as they come, then the reasons of skipped tests, and
 * ends with `N passed, N failed, N skipped`. A run in which no test ran is a failure.
 */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { killOpenGroups, open } from '../spawn.ts'
import { countTests, skipsByReason, type TapTest, tapReader, totalsLine } from './tap-summary.ts'

const AVA = new URL('../../node_modules/ava/entrypoints/cli.js', import.meta.url).pathname

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

async function runTests(args: readonly string[]): Promise<number> {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort())
  const ava = await open([process.execPath, AVA, '--tap', ...args], { signal: interrupt.signal })
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
  killOpenGroups()
  printSkips(tests)
  const totals = countTests(tests)
  const ran = totals.passed + totals.failed
  if (interrupt.signal.aborted) print('interrupted')
  else if (ran === 0) print('no test ran')
  print(totalsLine(totals))
  if (interrupt.signal.aborted) return 130
  return ran > 0 && totals.failed === 0 && 'exit' in end && end.exit === 0 ? 0 : 1
}

process.exitCode = await runTests(process.argv.slice(2))
