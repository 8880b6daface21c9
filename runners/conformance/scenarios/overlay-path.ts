/** Pings between containers of a target: that the overlay carries packets. */
import type { ClusterSnapshot, HostName } from '../../../checks/model/snapshot.ts'
import { planProbes } from '../../probe/plan.ts'
import type { PlannedPing } from '../../probe/planned-ping.ts'
import { sendPings } from '../../probe/send.ts'
import { ScenarioError, type Scene } from './scenario.ts'

/** The path from a container of one host to one of another, read while both are healthy. */
export function overlayPath(snapshot: ClusterSnapshot, from: HostName, to: HostName): PlannedPing {
  const found = planProbes(snapshot).pings.find(
    (ping) => ping.pattern === 'cc' && !ping.full && ping.from.host === from && ping.to.host === to,
  )
  if (found === undefined) throw new ScenarioError(`no container of ${from} can ping one of ${to}`)
  return found
}

/** What came of several packets. */
export interface PingAnswer {
  readonly isWhole: boolean
  /** `h1c1 to 10.5.3.2: 3 of 3 answered`. */
  readonly said: string
}

/** Sends pings along a path. Throws ScenarioError when none could be sent. */
export async function pingAlong(scene: Scene, path: PlannedPing, packets = 3): Promise<PingAnswer> {
  const { hosts: targets } = await scene.control.inventory()
  const settings = { targets, concurrency: 1, signal: scene.signal }
  const answer = (await sendPings([path], packets, settings)).observations[0]
  if (answer === undefined || answer.problem !== undefined)
    throw new ScenarioError(`no ping from ${path.from.host}: ${answer?.problem?.detail ?? 'none was sent'}`)
  const { sent, received, address, from } = answer
  const said = `${from.container ?? from.host} to ${address}: ${received} of ${sent} answered`
  return { isWhole: sent > 0 && received === sent, said }
}
