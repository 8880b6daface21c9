/** The steps of a run that several commands take. */

import { withFollowed } from './followed.ts'
import type { ProbeChoice } from './probe-cluster.ts'
import type { Step } from './step.ts'
import type { TraceRequest } from './trace-cluster.ts'

/** `--probe`: sends pings through overlay and underlay. */
export function probing(choice: ProbeChoice = {}): Step {
  const load = () => import('./probe-cluster.ts')
  return {
    level: 'probe',
    sends: true,
    load,
    take: async (gathered, collection) => {
      const { probeCluster } = await load()
      return {
        ...gathered,
        collected: await probeCluster(gathered.collected, gathered.inventory, { ...collection, ...choice }),
      }
    },
  }
}

/** Behind `probing`: follows a few of the pings that were lost, one for each reason. */
export function followingLost(): Step {
  const load = () => import('./follow-lost.ts')
  return {
    level: 'probe',
    sends: true,
    take: async (gathered, collection) => {
      const { followLost } = await load()
      return followLost(gathered, collection)
    },
  }
}

/** Follows one ping. One whose ends cannot be read is in the report with the reason. */
export function tracing(request: TraceRequest): Step {
  const load = () => import('./trace-cluster.ts')
  return {
    level: request.intrude ? 'intrude' : 'capture',
    sends: true,
    always: true,
    load,
    overdue: (gathered) => {
      const { source, target } = request
      const reason = 'the run was stopped before it could be followed to its end'
      return withFollowed(gathered, { observations: [{ kind: 'untraced', source, target, reason }] })
    },
    take: async (gathered, collection) => {
      const { traceEnds } = await load()
      return traceEnds(gathered, request, collection)
    },
  }
}

/** `--redact`: from here on everything is told under other addresses and names; captures are left out. */
function redacting(): Step {
  const load = () => import('../saved/redacting.ts')
  return {
    level: 'read-only',
    always: true,
    load,
    take: async (gathered, collection) => {
      const { redactedCluster } = await load()
      return { ...gathered, collected: await redactedCluster(gathered.collected, collection), proofs: [] }
    },
  }
}

/** What a run leaves behind. */
interface Keeping {
  /** For strangers. */
  readonly redact?: boolean
  /** Where it is saved. */
  readonly save?: string | undefined
}

/** The last steps, after everything that asks hosts: `--redact`, then `--save`. */
export function keeping({ redact = false, save }: Keeping): readonly Step[] {
  return [...(redact ? [redacting()] : []), ...(save === undefined ? [] : [saving(save)])]
}

/** Saves what was collected, observed and captured, after a stop as well. */
function saving(directory: string): Step {
  const load = () => import('../saved/saved-cluster.ts')
  return {
    level: 'read-only',
    always: true,
    verify: async () => (await import('../saved/place-to-save.ts')).verifyPlace(directory),
    take: async (gathered) => {
      const { saveCluster } = await load()
      const { captureFiles } = await import('./saved-captures.ts')
      await saveCluster(
        directory,
        gathered.collected,
        gathered.proofs.length > 0 ? captureFiles(gathered.proofs) : undefined,
      )
      return gathered
    },
  }
}
