/**
 * What the findings of every recorded fault say. Proofs stand literally in what the host printed, or say that they are
 * conclusions; the shell reads every command, and it is one of a known program.
 */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { commandProblem } from '../../checks/heal/command-grammar-for-tests.ts'
import type { ClusterSnapshot, DatastoreFactName, HostFactName } from '../../checks/model/snapshot.ts'
import { CHECKS } from '../../checks/registry.ts'
import type { ReportEvidence, ReportFinding } from '../../reports/document/report.ts'
import { RUN } from '../../reports/run-for-tests.ts'
import { run } from '../hosts/command/spawn.ts'
import { judge } from './judging/judge.ts'
import { loadCluster } from './saved/saved-cluster.ts'
import { WITHOUT_COMMANDS } from './without-commands-for-tests.ts'

const STATES = fileURLToPath(new URL('../../fixtures/fault-states/', import.meta.url))

/** A finding, and the proofs of it that are neither literal nor marked, and commands that leave a name open. */
interface Found extends ReportFinding {
  readonly wrongProofs: readonly string[]
}

/** What the command of a proof printed; the datastore's has no host in front. */
function rawOf(
  { datastore, hosts }: ClusterSnapshot,
  { command, section }: ReportEvidence,
): string | undefined {
  const [, host] = [...hosts].find(([name]) => command.startsWith(`${name}: `)) ?? []
  if (host !== undefined) return host.facts[section as HostFactName]?.raw?.()
  return (datastore[section as DatastoreFactName] ?? datastore.config).raw?.()
}

function isProven(snapshot: ClusterSnapshot, proof: ReportEvidence): boolean {
  if (/\b(?:NAME|FILE)\b/.test(proof.command)) return false
  return proof.derived === true || rawOf(snapshot, proof)?.includes(proof.excerpt) === true
}

async function findingsOf(state: string): Promise<readonly Found[]> {
  const { snapshot } = await loadCluster(`${STATES}${state}`)
  const settings = { selection: { only: [], skip: [] }, failOn: 'warning' } as const
  const { results } = judge(snapshot, { run: RUN, commands: [] }, settings)
  return results
    .flatMap(({ findings }) => findings)
    .map((finding) => {
      const wrong = finding.evidence.filter((proof) => !isProven(snapshot, proof))
      const wrongProofs = wrong.map(({ command, excerpt }) => `${finding.code}: ${command}: ${excerpt}`)
      return { ...finding, wrongProofs }
    })
}

const states = ['vxlan', 'host-gw', 'udp', 'dual-stack-vxlan', 'dual-stack-host-gw'].flatMap((backend) =>
  readdirSync(`${STATES}${backend}`)
    .filter((name) => !name.startsWith('healthy'))
    .map((name) => `${backend}/${name}`),
)

const found = Promise.all(states.map(findingsOf)).then((all) => all.flat())

test('an excerpt occurs in the section it names, or is marked as derived, and every finding has one', async (t) => {
  const all = await found
  t.deepEqual(
    all.flatMap(({ wrongProofs }) => wrongProofs),
    [],
  )
  const evidence = all.flatMap((finding) => finding.evidence)
  const literal = evidence.filter(({ derived }) => !derived).length
  t.log(`${literal} of ${evidence.length} proofs are literal`)
  t.true(literal > evidence.length * 0.6, 'six of ten proofs are lines that were printed')
  const bare = all.filter(({ evidence: proofs, severity }) => proofs.length === 0 && severity !== 'info')
  t.deepEqual(
    bare.map(({ code }) => code),
    [],
  )
})

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
