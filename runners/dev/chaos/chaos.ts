/**
 * `npm run chaos [-- KILLS]`: commands killed at random moments by SIGINT, SIGTERM and SIGKILL; after the next start nothing
 * of them may be left, and an interrupted one must have said what it knew. Runs in namespaces of its own (isolated.ts).
 */
import { randomInt } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { open, run } from '../../hosts/command/spawn.ts'
import { labDown, sweep } from '../../lab/build/down.ts'
import { withLab } from '../../lab/build/up.ts'
import { listLedgers } from '../../lab/ledger/ledger.ts'
import type { LabState } from '../../lab/running/state.ts'
import { differences, type Fingerprint, fingerprint } from '../read-only/fingerprint.ts'

const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
/** Kills between two looks; a look costs as much as some of them. */
const ROUND = 10
const LONGEST_MS = 3000
/** What a killed run started may still take to end by itself. */
const PATIENCE_MS = 20_000

interface Tally {
  tried: number
  failed: number
  reports: number
  silent: number
}

function commandsOf(lab: LabState): readonly (readonly string[])[] {
  const targets = ['--inventory', lab.inventory, '--format', 'json']
  return [
    ['check', '--probe', ...targets],
    ['trace', 'h1/h1c1', 'h2/h2c1', ...targets],
    ['trace', 'h1/h1c1', 'h2/h2c1', '--intrude', ...targets],
    ['conformance', '--read-only', ...targets],
    ['bench', '--seconds', '1', '--rounds', '1', ...targets],
    ['lab', 'up', '--name', 'chaos', '--hosts', '1'],
  ]
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += Buffer.from(chunk).toString('utf8')
  return text
}

/** True for a report of check or trace that says it was interrupted. */
function isPartialReport(text: string): boolean {
  try {
    return JSON.parse(text).run.interrupted !== undefined
  } catch {
    return false
  }
}

async function killOne(words: readonly string[], tally: Tally): Promise<string> {
  // At random, as the command is not: each command meets each signal.
  const [signal, ms] = [SIGNALS[randomInt(SIGNALS.length)] ?? 'SIGKILL', randomInt(LONGEST_MS)]
  const command = await open([process.execPath, BIN, ...words])
  const [said] = [textOf(command.stdout), textOf(command.stderr)]
  await new Promise((resolve) => setTimeout(resolve, ms))
  try {
    process.kill(command.pid, signal)
  } catch {
    // it has ended already
  }
  const end = await command.ended
  tally.tried++
  if ('exit' in end && end.exit === 130 && /^(check|trace)$/.test(words[0] ?? '')) {
    if (isPartialReport(await said)) tally.reports++
    else tally.silent++
  }
  // One that works stays up after its maker; what is half made is for the next start.
  if (listLedgers().some(({ name, ready }) => name === 'chaos' && ready)) await labDown('chaos')
  return `${words.slice(0, 3).join(' ')} ${signal} after ${ms} ms`
}

/** The next start: what sends packets sweeps the hosts, what makes a lab sweeps labs. */
async function nextStart(lab: LabState): Promise<void> {
  await run([process.execPath, BIN, 'check', '--probe', '--inventory', lab.inventory], { timeoutMs: 120_000 })
  await sweep()
}

async function leftAfter(before: Fingerprint, look: () => Promise<Fingerprint>): Promise<readonly string[]> {
  const until = Date.now() + PATIENCE_MS
  for (;;) {
    const left = differences(before, await look())
    if (left.length === 0 || Date.now() > until) return left
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

const kills = Number(process.argv[2] ?? 500)
const tally: Tally = { tried: 0, failed: 0, reports: 0, silent: 0 }
await withLab({ hosts: 2 }, async (lab) => {
  const look = () => fingerprint({ revision: ['true'] })
  await nextStart(lab)
  let before = await look()
  while (tally.tried < kills) {
    const killed: string[] = []
    const commands = commandsOf(lab)
    for (let at = 0; at < ROUND && tally.tried < kills; at++)
      killed.push(await killOne(commands[tally.tried % commands.length] ?? [], tally))
    await nextStart(lab)
    const left = await leftAfter(before, look)
    if (left.length > 0) {
      tally.failed++
      console.log(`FAILED  something is left of:\n  ${killed.join('\n  ')}`)
      for (const line of left.slice(0, 20)) console.log(`  ${line.slice(0, 300)}`)
      before = await look()
    }
    console.log(`${tally.tried} kills, something left after ${tally.failed} rounds`)
  }
})
console.log(
  `chaos: ${tally.tried} kills, ${tally.failed} rounds of ${ROUND} with something left; ${tally.reports} interrupted runs with their report, ${tally.silent} without`,
)
process.exitCode = tally.failed === 0 && tally.silent === 0 && tally.tried > 0 ? 0 : 1
