/** What probes leave when they are killed, and its removal. */
import { setTimeout } from 'node:timers/promises'
import { isHere, type Runner } from '../../hosts/command/runner.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import type { HostTarget } from '../../inventory/inventory.ts'
import { isAbandoned, isProbeToken } from './probe-token.ts'
import { FIND_SCRIPT, REMOVE_SCRIPT } from './removal-script.ts'

/** Runs that must be cleaned up when this process ends without having done so. */
const open = new Map<string, Runner>()

/**
 * The script is started, not awaited: a process that exits waits for nothing, but what it has started lives
 * on. The listener of spawn.ts, which ends our commands, came first and does not see this one.
 */
process.on('exit', () => {
  for (const [token, runner] of open)
    void runner.open(['sh', '-c', REMOVE_SCRIPT, 'sh', token]).catch(() => {})
})

/** Has everything of a token removed at exit, until `removeProbe`. */
export function removeAtExit(runner: Runner, token: string): void {
  open.set(token, runner)
}

async function remove(runner: Runner, tokens: readonly string[]): Promise<void> {
  await runner.run(['sh', '-s', '--', ...tokens.filter(isProbeToken)], { stdin: REMOVE_SCRIPT })
}

/** Removes everything of a run that ends in good order. */
export async function removeProbe(runner: Runner, token: string): Promise<void> {
  await remove(runner, [token])
  open.delete(token)
}

/** Longest wait for a removal: this machine is busy at worst, another may not answer at all. */
const REMOVAL_MS = { here: 10_000, elsewhere: 400 } as const

/** Removes what this process still has on hosts after a stop. What does not end in time is tried once more at exit. */
export async function removeOpen(): Promise<void> {
  const removing = [...open].map(([token, runner]) => {
    const removed = removeProbe(runner, token).catch(() => {}) // a host that is gone has nothing of ours that does not end by itself
    const longest = REMOVAL_MS[isHere(runner) ? 'here' : 'elsewhere']
    return Promise.race([removed, setTimeout(longest, undefined, { ref: false })])
  })
  await Promise.all(removing)
}

/** Tokens of everything there is on the machine, dead makers' and living ones'. */
export async function probesOn(runner: Runner): Promise<readonly string[]> {
  const { stdout } = await runner.run(['sh', '-s'], { stdin: FIND_SCRIPT })
  const lines = Buffer.from(stdout).toString('utf8').split('\n')
  return [...new Set(lines.filter(isProbeToken))]
}

/** Namespaces of this machine share its processes, its tracefs and /run: one of them is enough. */
function onePerMachine(runners: readonly Runner[]): readonly Runner[] {
  const [here] = runners.filter(isHere)
  const elsewhere = runners.filter((runner) => !isHere(runner))
  return here === undefined ? elsewhere : [here, ...elsewhere]
}

async function sweepMachine(runner: Runner): Promise<readonly string[]> {
  try {
    const abandoned = (await probesOn(runner)).filter(isAbandoned)
    if (abandoned.length > 0) await remove(runner, abandoned)
    return abandoned
  } catch {
    return [] // a host that cannot be reached is named by the collection, and its taps end by themselves
  }
}

/**
 * Removes what killed runs left on these hosts: capture processes, trace instances, nft tables, directories.
 * Gives the tokens of those runs. A run whose maker lives, or one of another machine that is younger than
 * an hour, is left alone. Never rejects.
 */
export async function sweepProbes(runners: readonly Runner[]): Promise<readonly string[]> {
  return (await Promise.all(onePerMachine(runners).map(sweepMachine))).flat()
}

/** The same for the hosts of an inventory, before packets are sent. */
export async function sweepHosts(hosts: readonly HostTarget[]): Promise<void> {
  const runners = hosts.map((host) => makeRunner(host.name, host.via, host))
  await sweepProbes(runners)
  await Promise.all(runners.map((runner) => runner.close()))
}
