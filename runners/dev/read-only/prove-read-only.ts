/**
 * `npm run prove:read-only`: takes the fingerprint of a machine with a lab before and after every command below
 * --intrude, through every way to reach a host. Runs in namespaces of its own (isolated.ts), so that nothing else moves;
 * with --shared-kernel what others may change in spite of them is left out.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from '../../hosts/command/spawn.ts'
import { hostBlock, startSshd } from '../../hosts/ssh/sshd-for-tests.ts'
import { withLab } from '../../lab/build/up.ts'
import { startTestEngine, stopTestEngine } from '../../lab/docker/engine-for-tests.ts'
import { placeNamed, placePrefix } from '../../lab/place.ts'
import type { LabState } from '../../lab/running/state.ts'
import { commandPath } from '../../setup/search-path.js'
import { differences, type Fingerprint, type FingerprintScope, fingerprint } from './fingerprint.ts'

const BIN = fileURLToPath(new URL('../../bin.js', import.meta.url))

/** One command, through one way to the hosts. */
interface Attempt {
  readonly name: string
  readonly argv: readonly string[]
}

/** As one who looks a few times and then presses Ctrl-C. */
const FOR_A_WHILE = ['timeout', '--preserve-status', '--signal=INT', '20']

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
    { name: `${way} check --watch`, argv: [...FOR_A_WHILE, ...doctor('check', '--watch', '3')] },
    { name: `${way} check --probe`, argv: doctor('check', '--probe') },
    { name: `${way} replay`, argv: [process.execPath, BIN, 'replay', save] },
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

/** A new lab settles (IPv6 addresses are tentative for a second or two); longer waiting shows what never stands still. */
const MOST_LOOKS = 20

/** What a command leaves for a moment is gone in one of these; what is still there has changed. */
const LOOKS_AFTER = 4

/** The kernel still asks whether somebody has one of the addresses: they change once nobody answers. */
function isTentative(fingerprint: Fingerprint): boolean {
  return [...fingerprint.values()].some((lines) => lines.some((line) => line.includes(' tentative ')))
}

/** A machine never stands still: what also differs without any command between is no change of ours. */
async function settled(scope: FingerprintScope) {
  let before = await fingerprint(scope)
  let moving: readonly string[] = []
  for (let look = 1; look < MOST_LOOKS; look++) {
    await setTimeout(300)
    const now = await fingerprint(scope)
    moving = differences(before, now)
    before = now
    if (moving.length === 0 && !isTentative(now)) break
  }
  return { before, moving: new Set(moving) }
}

const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { 'shared-kernel': { type: 'boolean', default: false } },
})

/** Folders that the command itself was told to write to. */
const OWN = /^machine: [+-] (file|folder) \/tmp\/proof-/
/** What others on the machine may change meanwhile: /etc, loaded modules, and the sysctls that come with them. */
const OF_OTHERS = /^machine: [+-] (module |(file|folder) \/etc\b)|: \+ \/proc\/sys\//

function isOurs(line: string): boolean {
  return !OWN.test(line) && !(values['shared-kernel'] && OF_OTHERS.test(line))
}

/** 130 is what an interrupted command ends with. */
const DONE: readonly number[] = [0, 1, 3, 130]

async function attempt({ name, argv }: Attempt, revision: readonly string[]): Promise<boolean> {
  const scope = { revision }
  const { before, moving } = await settled(scope)
  const { end, stderr } = await run(argv, { timeoutMs: 120_000 })
  const changedNow = async (): Promise<readonly string[]> =>
    differences(before, await fingerprint(scope)).filter((line) => isOurs(line) && !moving.has(line))
  let changed = await changedNow()
  // The watcher of a command on an ssh host sleeps for a second before it ends with it.
  for (let look = 1; changed.length > 0 && look < LOOKS_AFTER; look++) {
    await setTimeout(500)
    changed = await changedNow()
  }
  const isDone = 'exit' in end && DONE.includes(end.exit)
  const held = isDone && changed.length === 0
  console.log(`${held ? 'held' : 'FAILED'}  ${name}`)
  if (!isDone) console.log(`  ended with ${JSON.stringify(end)}: ${stderr.slice(0, 500)}`)
  for (const line of changed.slice(0, 20)) console.log(`  ${line.slice(0, 300)}`)
  return held
}

const results: boolean[] = []

async function attemptAll(lab: LabState, attempts: readonly Attempt[]): Promise<void> {
  const inLab = [...placePrefix(placeNamed(lab, 'switch')), 'env', 'ETCDCTL_API=3', 'etcdctl']
  const revision = [...inLab, `--endpoints=${lab.endpoint}`, 'get', 'no-such-key', '-w', 'fields']
  for (const one of attempts.filter(({ name }) => isAsked(name))) results.push(await attempt(one, revision))
}

/** With words: only what is called exactly so, or a whole way. */
function isAsked(name: string): boolean {
  return only.length === 0 || only.some((word) => word === name || word === name.split(' ')[0])
}

const isWayAsked = (way: string): boolean => only.length === 0 || only.some((word) => word.startsWith(way))

/** The hosts are containers of an engine of its own. */
async function throughDocker(): Promise<void> {
  const engine = await startTestEngine()
  process.env.DOCKER_HOST = `unix://${engine.socket}`
  try {
    await withLab({ hosts: 2, lab: 'docker' }, (lab) =>
      attemptAll(lab, commandsOf('docker://', lab.inventory)),
    )
  } finally {
    await stopTestEngine(engine)
  }
}

if (['netns://', 'local:', 'ssh://'].some(isWayAsked)) {
  await withLab({ hosts: 2 }, async (lab) => {
    await attemptAll(lab, commandsOf('netns://', lab.inventory))
    await attemptAll(lab, commandsOf('local:', reaching(lab, "'local:'"), lab.hosts[0]?.namespace))
    if (isWayAsked('ssh://') && commandPath('sshd') !== undefined)
      await overSsh(lab, (inventory) => attemptAll(lab, commandsOf('ssh://', inventory)))
  })
}
if (isWayAsked('docker://') && commandPath('dockerd') !== undefined) await throughDocker()
const held = results.filter(Boolean).length
console.log(`read-only: ${results.length} tried, ${held} held, ${results.length - held} failed`)
process.exitCode = held === results.length && held > 0 ? 0 : 1
