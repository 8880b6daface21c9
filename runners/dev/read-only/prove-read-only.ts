/**
 * `npm run prove:read-only`: takes the fingerprint of a machine with a lab before and after every command below
 * --intrude, through every way to reach a host. Runs in namespaces of its own (isolated.ts), so that nothing else moves.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from '../../hosts/command/spawn.ts'
import { hostBlock, startSshd } from '../../hosts/ssh/sshd-for-tests.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabState } from '../../lab/running/state.ts'
import { commandPath } from '../../setup/search-path.js'
import { differences, type FingerprintScope, fingerprint } from './fingerprint.ts'

const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))

/** One command, through one way to the hosts. */
interface Attempt {
  readonly name: string
  readonly argv: readonly string[]
}

function commandsOf(way: string, inventory: string, from = ''): readonly Attempt[] {
  const save = join(mkdtempSync(join(tmpdir(), 'proof-')), 's')
  const within = from === '' ? [] : ['nsenter', `--net=/run/netns/${from}`]
  const doctor = (...words: readonly string[]) => [
    ...within,
    process.execPath,
    BIN,
    ...words,
    '--inventory',
    inventory,
  ]
  const pair = from === '' ? [{ name: `${way} trace`, argv: doctor('trace', 'h1/h1c1', 'h2/h2c1') }] : []
  return [
    { name: `${way} check`, argv: doctor('check') },
    { name: `${way} collect`, argv: doctor('collect', '--save', save) },
    { name: `${way} conformance --read-only`, argv: doctor('conformance', '--read-only') },
    { name: `${way} check --probe`, argv: doctor('check', '--probe') },
    ...pair,
  ]
}

/** The lab's inventory with h1 reached otherwise. */
function reaching(lab: LabState, via: string, more = ''): string {
  const path = join(mkdtempSync(join(tmpdir(), 'proof-')), 'hosts.yaml')
  const text = readFileSync(lab.inventory, 'utf8').replace(/via: netns:\/\/\S*h1\n/, `via: ${via}\n`)
  writeFileSync(path, more + text)
  return path
}

async function overSsh(lab: LabState, work: (inventory: string) => Promise<void>): Promise<void> {
  const namespace = lab.hosts[0]?.namespace ?? ''
  const sshd = await startSshd(namespace)
  const config = `${sshd.knownHosts}-proof`
  try {
    writeFileSync(config, hostBlock(sshd, { name: 'far', through: namespace, user: 'root' }))
    await work(reaching(lab, 'ssh://far', `sshConfig: ${config}\n`))
  } finally {
    await sshd.stop()
  }
}

/** A machine never stands still: what also differs without any command between is no change of ours. */
async function settled(scope: FingerprintScope) {
  const before = await fingerprint(scope)
  await new Promise((resolve) => setTimeout(resolve, 300))
  return { before, moving: new Set(differences(before, await fingerprint(scope))) }
}

/** Folders that the command itself was told to write to. */
const isOwn = (line: string): boolean => /machine: [+-] (file|folder) \/tmp\/proof-/.test(line)

async function attempt({ name, argv }: Attempt, revision: readonly string[]): Promise<boolean> {
  const scope = { revision }
  const { before, moving } = await settled(scope)
  const { end, stderr } = await run(argv, { timeoutMs: 120_000 })
  const changed = differences(before, await fingerprint(scope)).filter(
    (line) => !isOwn(line) && !moving.has(line),
  )
  const isDone = 'exit' in end && [0, 1, 3].includes(end.exit)
  const held = isDone && changed.length === 0
  console.log(`${held ? 'held' : 'FAILED'}  ${name}`)
  if (!isDone) console.log(`  ended with ${JSON.stringify(end)}: ${stderr.slice(0, 500)}`)
  for (const line of changed.slice(0, 20)) console.log(`  ${line.slice(0, 300)}`)
  return held
}

/** With a word: only the ways and commands that have it in their name. */
const [only = ''] = process.argv.slice(2)
const results: boolean[] = []
await withLab({ hosts: 2 }, async (lab) => {
  const inLab = [
    'nsenter',
    `--net=/run/netns/fd-${lab.token}-switch`,
    'env',
    'ETCDCTL_API=3',
    commandPath('etcdctl') ?? 'etcdctl',
  ]
  const revision = [...inLab, `--endpoints=${lab.endpoint}`, 'get', 'no-such-key', '-w', 'fields']
  const all = async (attempts: readonly Attempt[]): Promise<void> => {
    for (const one of attempts.filter(({ name }) => name.includes(only)))
      results.push(await attempt(one, revision))
  }
  await all(commandsOf('netns://', lab.inventory))
  await all(commandsOf('local:', reaching(lab, "'local:'"), lab.hosts[0]?.namespace))
  if (commandPath('sshd') !== undefined)
    await overSsh(lab, (inventory) => all(commandsOf('ssh://', inventory)))
})
const held = results.filter(Boolean).length
console.log(`read-only: ${results.length} tried, ${held} held, ${results.length - held} failed`)
process.exitCode = held === results.length && held > 0 ? 0 : 1
