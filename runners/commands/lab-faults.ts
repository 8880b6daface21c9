/** `lab inject|heal|matrix`. */

import type { Flags, Surroundings } from '../cli-options.ts'
import { InputError } from '../input-error.ts'
import { heal } from '../lab/heal.ts'
import { findFault, inject } from '../lab/inject.ts'
import { LabError } from '../lab/lab-error.ts'
import { findLab } from '../lab/state.ts'
import type { CommandOutput } from './output.ts'

/** A wrong option is wrong input; anything else a lab cannot do keeps its own sentence. */
async function asInput<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LabError && error.problem === 'usage') throw new InputError(error.message)
    throw error
  }
}

/** Heals what is injected, then injects one fault. Throws InputError for a fault, host or lab there is none of. */
export function injectFault(id: string, flags: Flags, around: Surroundings): Promise<CommandOutput> {
  return asInput(async () => {
    const fault = findFault(id)
    const lab = findLab(flags.name as string | undefined)
    const healed = await heal(lab.name)
    if (healed.length > 0) around.say(`healed ${healed.join(', ')}`)
    const victim = (flags.host as string | undefined) ?? lab.hosts.at(-1)?.name ?? ''
    const peer =
      (flags.peer as string | undefined) ?? lab.hosts.find(({ name }) => name !== victim)?.name ?? ''
    await inject(lab.name, fault, { victim, peer })
    const stdout = [
      `injected ${fault.id} on ${victim}, peer ${peer}: ${fault.title}`,
      `find it: npx flannel-doctor check --inventory ${lab.inventory}`,
      `undo it: npx flannel-doctor lab heal --name ${lab.name}`,
      '',
    ].join('\n')
    return { stdout, exit: 0 }
  })
}

/** Undoes what is injected. */
export function healLab(flags: Flags): Promise<CommandOutput> {
  return asInput(async () => {
    const lab = findLab(flags.name as string | undefined)
    const healed = await heal(lab.name)
    const stdout = healed.length === 0 ? 'nothing is injected\n' : `healed ${healed.join(', ')}\n`
    return { stdout, exit: 0 }
  })
}
