/**
 * Whether pings refute that a finding loses packets. They do where every pair of hosts that the finding is about was
 * pinged from container to container and answered, in every size; one about a single container needs a ping of that one.
 */
import type { Subject } from '../check.ts'
import type { Finding } from '../finding.ts'
import type { Observation, PingObservation } from '../model/observation.ts'
import type { HostName } from '../model/snapshot.ts'

interface PingedPair {
  readonly hosts: readonly [HostName, HostName]
  isAnswered: boolean
  /** Containers that were pinged or pinged themselves. */
  readonly containers: Set<string>
}

function endKey(host: HostName, container: string): string {
  return `${host}\0${container}`
}

function pairsOf(pings: readonly PingObservation[]): readonly PingedPair[] {
  const pairs = new Map<string, PingedPair>()
  for (const { from, to, received, pattern } of pings) {
    const [a, b] = from.host < to.host ? [from.host, to.host] : [to.host, from.host]
    const key = `${a}\0${b}`
    const pair = pairs.get(key) ?? { hosts: [a, b], isAnswered: true, containers: new Set() }
    pair.isAnswered &&= received > 0
    if (pattern === 'cc') {
      for (const { host, container } of [from, to])
        if (container !== undefined) pair.containers.add(endKey(host, container))
    }
    pairs.set(key, pair)
  }
  return [...pairs.values()]
}

function concerns({ host, peer }: Subject, { hosts }: PingedPair): boolean {
  return [host, peer].every((one) => one === undefined || hosts.includes(one))
}

/** The container that a finding is about. */
function containerOf({ subject: { host, kind, name }, ofContainer }: Finding): string | undefined {
  if (ofContainer !== undefined) return endKey(ofContainer.host, ofContainer.container)
  return kind === 'container' ? endKey(host ?? '', name ?? '') : undefined
}

/** Tells of a finding whether the pings of a run refute that it loses packets. */
export function refutedByPings(observations: readonly Observation[]): (finding: Finding) => boolean {
  const pings = observations.flatMap((one) =>
    one.kind === 'ping' && one.pattern !== 'hu' && one.problem === undefined && one.sent > 0 ? [one] : [],
  )
  const pairs = pairsOf(pings)
  const plan = observations.find((one) => one.kind === 'probe-plan')
  const isWholeMesh = plan === undefined || plan.pairs === plan.ofPairs
  return (finding) => {
    const { subject, code, unseenByPings } = finding
    if (unseenByPings || code.startsWith('dataplane/')) return false
    if (subject.peer === undefined && !isWholeMesh) return false
    const container = containerOf(finding)
    const about = pairs.filter((pair) => concerns(subject, pair))
    const isAsked = container === undefined || about.some(({ containers }) => containers.has(container))
    return (
      isAsked &&
      about.length > 0 &&
      about.every(({ isAnswered, containers }) => isAnswered && containers.size > 0)
    )
  }
}
