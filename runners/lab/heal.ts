/** Undoes what is injected in a lab. */
import type { Fault } from '../../fixtures/fault.ts'
import { doSteps, type Site } from './fault-steps.ts'
import { untilRunning } from './flanneld-process.ts'
import { findFault, injectedIn, remember } from './inject.ts'
import { LabError } from './lab-error.ts'
import { findLab } from './state.ts'

function stepsOf(fault: Fault, site: Site) {
  if (fault.heal !== 'new lab') return fault.heal(site.context)
  throw new LabError('failed', `${fault.id} cannot be undone: remove the lab and bring up another`)
}

/**
 * Undoes every fault of the lab, last injected first, and gives their names; without any it does
 * nothing. Throws LabError when a step fails or a fault cannot be undone.
 */
export async function heal(name: string): Promise<readonly string[]> {
  const healed: string[] = []
  for (;;) {
    const lab = findLab(name)
    const left = injectedIn(lab)
    const last = left.at(-1)
    if (last === undefined) return healed
    const site: Site = { lab, context: last.context }
    await doSteps(site, stepsOf(findFault(last.fault), site))
    const restarted = site.lab.hosts.filter(({ flanneldPid }, i) => flanneldPid !== lab.hosts[i]?.flanneldPid)
    await Promise.all(restarted.map(untilRunning))
    remember(lab, left.slice(0, -1))
    healed.push(last.fault)
  }
}
