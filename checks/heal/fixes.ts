/** The steps of a finding's code to commands for the hosts they are typed on. */
import type { CommandStep, Fix, HealStep, Subject } from '../check.ts'
import { fillCommand } from '../model/shell-words.ts'
import type { HostName, HostSnapshot } from '../model/snapshot.ts'
import { restartFix } from './restart-daemon.ts'

/** What the steps of one finding are filled with. */
export interface HealContext {
  readonly subject: Subject
  readonly values: Readonly<Record<string, string | number | undefined>>
  readonly hosts: ReadonlyMap<HostName, HostSnapshot>
}

function hostsOf(step: HealStep, { subject, hosts }: HealContext): readonly HostName[] {
  switch (step.on) {
    case 'datastore':
      return ['']
    case 'every-host':
      return [...hosts.keys()]
    case 'host':
      return subject.host === undefined ? [] : [subject.host]
    case 'peer':
      return subject.peer === undefined ? [] : [subject.peer]
  }
}

function commandFix(step: CommandStep, host: HostName, { values }: HealContext): Fix | undefined {
  const command = fillCommand(step.command, values)
  const undo = step.undo === undefined ? undefined : fillCommand(step.undo, values)
  if (command === undefined) return undefined
  const { effect, restartProof } = step
  return { host, command, effect, restartProof, ...(undo !== undefined && { undo }) }
}

function stepFixes(step: HealStep, context: HealContext): readonly (Fix | undefined)[] {
  return hostsOf(step, context).flatMap((host): readonly (Fix | undefined)[] => {
    if ('command' in step) return [commandFix(step, host, context)]
    const snapshot = context.hosts.get(host)
    return snapshot === undefined ? [] : restartFix(snapshot, step)
  })
}

/**
 * The commands of a finding's steps, in their order. Half a remedy is none: where one of the commands cannot be
 * written there are none at all. A daemon of which nobody knows how it is started is left to the words beside them.
 */
export function fixesOf(steps: readonly HealStep[], context: HealContext): readonly Fix[] {
  const fixes = steps.flatMap((step) => stepFixes(step, context))
  return fixes.some((fix) => fix === undefined) ? [] : (fixes as readonly Fix[])
}
