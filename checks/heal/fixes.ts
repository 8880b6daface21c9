/** The steps of a finding's code to commands for the hosts they are typed on. */
import type { Subject } from '../check.ts'
import type { CommandStep, DatastoreStep, Fix, HealStep, RestartStep } from '../heal-step.ts'
import { present } from '../model/present.ts'
import { fillCommand, fillTemplate } from '../model/shell-words.ts'
import type { ClusterSnapshot, HostName } from '../model/snapshot.ts'
import { etcdCommand } from './etcd-command.ts'
import { restartFix } from './restart-daemon.ts'

/** What the steps of one finding are filled with. */
export interface HealContext {
  readonly subject: Subject
  readonly values: Readonly<Record<string, string | number | undefined>>
  readonly snapshot: ClusterSnapshot
}

function hostsOf(step: CommandStep | RestartStep, { subject, snapshot }: HealContext): readonly HostName[] {
  if (typeof step.on === 'object') return [step.on.only]
  if (step.on === 'every-host') return [...snapshot.hosts.keys()]
  const host = step.on === 'host' ? subject.host : subject.peer
  return host === undefined ? [] : [host]
}

function commandFix(step: CommandStep, host: HostName, { values }: HealContext): Fix | undefined {
  const command = fillCommand(step.command, values)
  const undo = step.undo === undefined ? undefined : fillCommand(step.undo, values)
  if (command === undefined) return undefined
  return {
    host,
    command,
    effect: fillTemplate(step.effect, values),
    restartProof: step.restartProof,
    ...present({ undo }),
  }
}

function datastoreFix(step: DatastoreStep, { values, snapshot }: HealContext): Fix | undefined {
  const { etcd } = snapshot.datastore
  const command = etcd.known ? etcdCommand(step, etcd.value, values) : undefined
  return command === undefined
    ? undefined
    : { host: '', command, effect: fillTemplate(step.effect, values), restartProof: true }
}

function stepFixes(step: HealStep, context: HealContext): readonly (Fix | undefined)[] {
  if (step.on === 'datastore') return [datastoreFix(step, context)]
  return hostsOf(step, context).flatMap((host): readonly (Fix | undefined)[] => {
    if ('command' in step) return [commandFix(step, host, context)]
    const snapshot = context.snapshot.hosts.get(host)
    return snapshot === undefined ? [] : restartFix(snapshot, step, context)
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
