/** Does the steps of a lab's description. */

import type { LabCommand, LabProof, LabStep } from '../../../fixtures/lab.ts'
import { $ } from '../../hosts/command/zx.ts'
import { wordsOfRunning } from '../daemons/daemon.ts'
import { moveFlanneld } from '../daemons/flanneld-process.ts'
import { askApi } from '../kubernetes/api-server.ts'
import { LabError, usage } from '../lab-error.ts'
import { placeNamed, placePrefix } from '../place.ts'
import type { LabPlan } from '../plan/plan.ts'
import type { LabState } from '../running/state.ts'
import { type WaitBounds, waitUntil } from '../wait.ts'

async function runCommand(lab: LabPlan | LabState, { on, argv }: LabCommand): Promise<string> {
  const { ok, stdout, stderr } = await $`${placePrefix(placeNamed(lab, on))} ${argv}`
  if (!ok) throw new LabError('failed', `${argv.join(' ')} on ${on}: ${stderr.trim()}`)
  return stdout
}

/** Throws LabError when a variant does not become what it says it is. */
export async function prove(lab: LabState, proof: LabProof, bounds: WaitBounds): Promise<void> {
  const look = async (): Promise<string | undefined> => {
    const shown = await runCommand(lab, proof)
    if (shown.includes(proof.shows)) return undefined
    return `${proof.argv.join(' ')} on ${proof.on} does not show "${proof.shows}": ${shown.slice(0, 1000)}`
  }
  await waitUntil(look, bounds)
}

/** Commands for the hosts as they are laid, one after another. Throws LabError for one that fails. */
export async function runCommands(plan: LabPlan, commands: readonly LabCommand[]): Promise<void> {
  for (const command of commands) await runCommand(plan, command)
}

/** The words each host's flanneld runs with, kept because a stopped one no longer tells. */
function flanneldWords(lab: LabState): ReadonlyMap<string, readonly string[]> {
  return new Map(
    lab.hosts.map(({ name, flanneldPid }) => [name, wordsOfRunning(flanneldPid, `flanneld of ${name}`)]),
  )
}

/** Steps in a lab that is up; gives the lab as it is then. Throws LabError for one that fails. */
export async function runSteps(lab: LabState, steps: readonly LabStep[]): Promise<LabState> {
  const words = flanneldWords(lab)
  let current = lab
  for (const step of steps) {
    if ('api' in step) {
      const { api: method, path, body } = step
      await askApi(lab, { method, path, body })
      continue
    }
    if ('argv' in step) {
      await runCommand(lab, step)
      continue
    }
    const host = current.hosts.find(({ name }) => name === step.of)
    if (host === undefined) return usage(`a step names ${step.of}, which the lab does not have`)
    const argv = words.get(step.of) ?? []
    current = await moveFlanneld(current, host, { to: step.flanneld, argv })
  }
  return current
}
