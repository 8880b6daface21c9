/** Every command that a finding of a recorded fault prints: the shell reads it, and it is one of a known program. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { commandProblem } from '../../checks/heal/command-grammar-for-tests.ts'
import { CHECKS } from '../../checks/registry.ts'
import type { Report, ReportFinding } from '../../reports/report.ts'
import { run } from '../hosts/command/spawn.ts'
import { judge } from './judge.ts'
import { loadCluster } from './saved-cluster.ts'
import { WITHOUT_COMMANDS } from './without-commands-for-tests.ts'

const STATES = fileURLToPath(new URL('../../fixtures/fault-states/', import.meta.url))
const RUN: Report['run'] = {
  tool: 'flannel-doctor',
  version: '0',
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMs: 1,
  level: 'read-only',
  argv: [],
}

async function findingsOf(state: string): Promise<readonly ReportFinding[]> {
  const { snapshot } = await loadCluster(`${STATES}${state}`)
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  return judge(snapshot, { run: RUN, commands: [] }, settings).results.flatMap(({ findings }) => findings)
}

const states = ['vxlan', 'host-gw', 'udp'].flatMap((backend) =>
  readdirSync(`${STATES}${backend}`)
    .filter((name) => !name.startsWith('healthy'))
    .map((name) => `${backend}/${name}`),
)

const found = Promise.all(states.map(findingsOf)).then((all) => all.flat())

test('every command of every recorded fault is one that a shell reads and a known program takes', async (t) => {
  const fixes = (await found).flatMap((finding) => finding.fixes)
  const commands = fixes.flatMap(({ command, undo }) => [command, ...(undo === undefined ? [] : [undo])])
  t.deepEqual(
    commands.flatMap((command) => commandProblem(command) ?? []),
    [],
  )
  const typed = fixes.flatMap((fix) => [fix.typed, ...(fix.undoTyped === undefined ? [] : [fix.undoTyped])])
  const lines = [...new Set(typed)]
  t.true(lines.length > 200, `${lines.length} commands`)
  const { end, stderr } = await run(['sh', '-n'], { stdin: `${lines.join('\n')}\n`, timeoutMs: 10_000 })
  t.deepEqual({ end, stderr: stderr.toString() }, { end: { exit: 0 }, stderr: '' })
})

test('a code above a note without commands has its reason', async (t) => {
  const healed = new Set((await found).filter(({ fixes }) => fixes.length > 0).map(({ code }) => code))
  const without = CHECKS.flatMap((check) =>
    Object.entries(check.findings as Record<string, (typeof check.findings)[string]>)
      .filter(([, kind]) => kind.severity !== 'info' && kind.heal === undefined)
      .map(([code]) => `${check.id}:${code}`),
  )
  t.deepEqual(
    without.filter((code) => !healed.has(code)).toSorted(),
    Object.keys(WITHOUT_COMMANDS).toSorted(),
  )
})
