/** `lab up|status|exec|record|down`. */

import { present } from '../../../checks/model/present.ts'
import { FACT_COLLECTORS } from '../../collect/facts/index.ts'
import { run } from '../../hosts/command/spawn.ts'
import { InputError } from '../../input-error.ts'
import { interruption } from '../../interruption.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { labDown } from '../../lab/build/down.ts'
import { labUp } from '../../lab/build/up.ts'
import { adoptFlanneld } from '../../lab/daemons/adopt-flanneld.ts'
import type { LabOptions } from '../../lab/plan/plan.ts'
import { labArgv } from '../../lab/running/exec.ts'
import { kubectlInventory } from '../../lab/running/inventory.ts'
import { datastoreName, findLab, type LabState, noLab } from '../../lab/running/state.ts'
import { type LabStatus, labStatus } from '../../lab/running/status.ts'
import { collectCluster } from '../../run/collecting/collect-cluster.ts'
import { saveCluster } from '../../run/saved/saved-cluster.ts'
import type { LabDownFlags, LabFlags, LabStatusFlags, LabUpFlags } from '../options/flags.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'
import { collectionSettings } from '../options/run-flags.ts'
import { saySaved } from './saved-summary.ts'

/** Flags of `lab up` to the lab's options. */
function labOptions({ etcdPrefix, pods, ...given }: LabUpFlags, { say, signal }: Surroundings): LabOptions {
  return { ...given, containersPerHost: pods, ...present({ prefix: etcdPrefix }), log: say, signal }
}

function upText(lab: LabState): string {
  const rows = lab.hosts.map(
    ({ name, address, subnet, containers }) =>
      `  ${name}  ${address}  ${subnet}  ${containers.map((container) => `${container.name} ${container.address}`).join('  ')}`,
  )
  return [
    `lab ${lab.name} is up: ${lab.backend}, ${datastoreName(lab)}, flanneld ${lab.flanneld.version}, ready after ${(lab.readyMs / 1000).toFixed(2)} s`,
    ...rows,
    `check it:  npx flannel-doctor check --inventory ${lab.inventory}`,
    ...(lab.kubernetes?.cluster
      ? [`by kubectl: npx flannel-doctor check --inventory ${kubectlInventory(lab)}`]
      : []),
    `break it:  npx flannel-doctor lab inject all-routes-deleted --name ${lab.name}  (list faults has more; lab heal undoes it)`,
    `look:      npx flannel-doctor lab exec --name ${lab.name} ${lab.hosts[0]?.name} -- ip route`,
    `remove it: npx flannel-doctor lab down --name ${lab.name}`,
    '',
  ].join('\n')
}

/** Brings a lab up and leaves it running. */
export async function up(flags: LabUpFlags, around: Surroundings): Promise<CommandOutput> {
  return { stdout: upText(await labUp(labOptions(flags, around))), exit: 0 }
}

/** One line per lab: what it is, and which of its daemons should run and do not. */
export function statusText({ name, phase, daemons, lab }: LabStatus): string {
  // one that was started again stands there once more
  const alive = new Set(daemons.flatMap(({ role, running }) => (running ? [role] : [])))
  const removed = (role: string): boolean =>
    lab?.hosts.some(({ name: host }) => role.endsWith(` of ${host}`)) === false && role.includes(' of ')
  const dead = [...new Set(daemons.map(({ role }) => role))].filter(
    (role) => !alive.has(role) && !removed(role),
  )
  const about = lab
    ? `  ${lab.backend}  ${datastoreName(lab)}  ${lab.hosts.length} hosts  ${lab.inventory}`
    : ''
  return `${name}  ${phase}${about}${dead.length > 0 ? `  not running: ${dead.join(', ')}` : ''}`
}

/** Which labs there are, or that of the name given. Throws InputError where there is none. */
export async function status(flags: LabStatusFlags): Promise<CommandOutput> {
  for (const { ephemeral, lab } of labStatus()) if (!ephemeral && lab) adoptFlanneld(lab)
  const all = labStatus()
  const labs = all.filter(({ name }) => flags.name === undefined || name === flags.name)
  if (flags.name !== undefined && labs.length === 0)
    throw new InputError(noLab(flags.name, all.map(({ name }) => name).join(', ')))
  if (flags.format === 'json') return { stdout: `${JSON.stringify(labs, null, 2)}\n`, exit: 0 }
  const text = labs.length === 0 ? 'no lab is up' : labs.map(statusText).join('\n')
  return { stdout: `${text}\n`, exit: 0 }
}

/** Runs a command on a host of the lab; its exit status is ours. */
export async function exec(
  host: string,
  argv: readonly string[],
  { flags, around }: { readonly flags: LabFlags; readonly around: Surroundings },
): Promise<CommandOutput> {
  const lab = findLab(flags.name)
  const words = argv[0] === '--' ? argv.slice(1) : argv
  const result = await run(labArgv(lab, host, words), { timeoutMs: 600_000, signal: around.signal })
  if (result.stderr !== '') around.say(result.stderr.trimEnd())
  return {
    stdout: Buffer.from(result.stdout).toString('utf8'),
    exit: 'exit' in result.end ? result.end.exit : 3,
  }
}

/** Saves the state of a lab. */
export async function record(
  directory: string,
  flags: LabFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const lab = findLab(flags.name)
  const collection = collectionSettings({}, around)
  const collected = await collectCluster(await loadInventory(lab.inventory), collection)
  await saveCluster(directory, collected)
  const exit = saySaved(
    collected,
    { directory, asked: FACT_COLLECTORS.length, stopped: interruption(collection.signal) },
    around.say,
  )
  return { stdout: '', exit }
}

/** Removes one lab, or with --all or when there is only one, those that are kept. */
export async function down(flags: LabDownFlags, around: Surroundings): Promise<CommandOutput> {
  const { name } = flags
  const kept = labStatus().filter(({ ephemeral }) => !ephemeral)
  if (name === undefined && !flags.all && kept.length > 1) {
    throw new InputError(
      `several labs are up, name one or give --all: ${kept.map((lab) => lab.name).join(', ')}`,
    )
  }
  const removed = await labDown(name)
  around.say(removed.length === 0 ? 'no lab to remove' : `removed ${removed.join(', ')}`)
  return { stdout: '', exit: 0 }
}
