/** The containers of a pod that do not run, out of its status: one that runs, and one that has done its work, is not kept. */
import { z } from 'zod'
import type { HaltedContainer } from '../../../checks/model/node.ts'
import { present } from '../../../checks/model/present.ts'
import { printable } from '../../../reports/layout/printable.ts'

const reason = z.string().optional()
const status = z.object({
  name: z.string(),
  state: z.object({
    waiting: z.object({ reason }).optional(),
    terminated: z.object({ reason, exitCode: z.number().int().optional() }).optional(),
  }),
})

/** Containers of a pod: its owner's, but not without bound. */
const MOST_CONTAINERS = 64
/** Reasons are one word. */
const LONGEST_REASON = 60

function halted(isHalted: (state: z.infer<typeof status>['state']) => boolean) {
  return z
    .array(status)
    .optional()
    .catch(undefined)
    .transform((all = []) => {
      const kept = all.slice(0, MOST_CONTAINERS).filter(({ state }) => isHalted(state))
      return kept.length === 0 ? undefined : kept
    })
}

/** Of `status.containerStatuses`: those that wait or have ended. */
export const containerStatuses = halted(({ waiting, terminated }) => (waiting ?? terminated) !== undefined)

/** Of `status.initContainerStatuses`: those that wait or have failed. */
export const initContainerStatuses = halted(
  ({ waiting, terminated }) =>
    waiting !== undefined || (terminated !== undefined && terminated.exitCode !== 0),
)

type Kept = z.infer<typeof containerStatuses>

function haltedOf(kept: Kept, isInit: boolean): readonly HaltedContainer[] {
  return (kept ?? []).map(({ name, state: { waiting, terminated } }) =>
    present({
      name: printable(name, LONGEST_REASON),
      isInit: isInit ? (true as const) : undefined,
      reason: printable((waiting ?? terminated)?.reason ?? 'no reason given', LONGEST_REASON),
      exitCode: terminated?.exitCode,
    }),
  )
}

/** Those of a pod, in the order in which they start; undefined where every one runs. */
export function haltedContainers(pod: {
  readonly containerStatuses?: Kept
  readonly initContainerStatuses?: Kept
}): readonly HaltedContainer[] | undefined {
  const all = [...haltedOf(pod.initContainerStatuses, true), ...haltedOf(pod.containerStatuses, false)]
  return all.length === 0 ? undefined : all
}
