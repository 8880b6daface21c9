/** Clauses of plugins that an action decides: a fault of the plugin is done on a lab of ours, and what it leaves is judged. */
import type { ClauseObservation } from '../../checks/clauses/clause.ts'
import type { Acted } from '../../checks/clauses/judge-clauses.ts'
import { heal } from '../lab/faults/heal.ts'
import { inject } from '../lab/faults/inject.ts'
import { type Look, observe } from '../lab/matrix/judge-lab.ts'
import { findingCodes, undecidedChecks } from '../lab/matrix/matrix-result.ts'
import type { LabState } from '../lab/running/state.ts'
import type { ClauseAction } from '../plugins/loaded-plugins.ts'

/** How long after an action its codes may still be found; flannel's own repairs take up to 10 s. */
const PATIENCE_MS = 15_000

/** What one action showed; it is undone however it ends. */
async function seenAfter(
  lab: LabState,
  { clause, codes, fault }: ClauseAction,
  until: Look & { readonly patienceMs: number },
): Promise<ClauseObservation> {
  const [peer = '', victim = ''] = [lab.hosts[0]?.name, lab.hosts.at(-1)?.name]
  const told = (status: ClauseObservation['status'], observed: string) => ({
    clause: clause.id,
    status,
    observed,
  })
  await inject(lab.name, fault, { victim, peer })
  const found = (report: Parameters<typeof findingCodes>[0]) =>
    codes.filter((code) => findingCodes(report).has(code))
  const report = await observe(lab.name, until, (one) => found(one).length === 0)
  const left = found(report)
  if (left.length > 0) return told('not-met', `after ${fault.id} on ${victim}: ${left.join(', ')}`)
  const open = undecidedChecks(report).filter((check) => codes.some((code) => code.startsWith(`${check}:`)))
  if (open.length > 0)
    return told('undecided', `after ${fault.id} on ${victim}: ${open.join(', ')} is undecided`)
  return told('met', `after ${fault.id} on ${victim}: none of ${codes.join(', ')}`)
}

/** Does every action that is for the lab's backend. An action that fails is undecided; a lab that is not healed is a problem. */
export async function actForPlugins(
  lab: LabState,
  actions: readonly ClauseAction[],
  look: Look & { readonly patienceMs?: number },
): Promise<Acted> {
  const observations: ClauseObservation[] = []
  const until = { patienceMs: PATIENCE_MS, ...look }
  for (const action of actions.filter(({ fault }) => fault.backends.includes(lab.backend))) {
    const seen = await seenAfter(lab, action, until).catch(
      (error: Error): ClauseObservation => ({
        clause: action.clause.id,
        status: 'undecided',
        observed: `${action.fault.id}: ${error.message}`,
      }),
    )
    observations.push(seen)
    const unhealed = await heal(lab.name).then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (unhealed !== undefined) return { observations, problem: `after ${action.fault.id}: ${unhealed}` }
  }
  return { observations }
}
