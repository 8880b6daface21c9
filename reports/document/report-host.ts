/** A host of a report: how it was reached, what was read of it, and who is on it. */
import type { Absence, HostSnapshot } from '../../checks/model/snapshot.ts'

/** A host that was asked. */
export interface ReportHost {
  readonly name: string
  readonly via: string
  readonly reachable: boolean
  /** What Kubernetes calls it. */
  readonly node?: string
  /** Pods as NAMESPACE/NAME; absent where they were not read. */
  readonly containers?: readonly { readonly name: string; readonly addresses: readonly string[] }[]
  readonly problem?: string
  readonly facts: {
    readonly known: readonly string[]
    readonly absent: readonly { readonly fact: string; readonly why: Absence; readonly detail: string }[]
  }
}

function reportContainers({ containers }: HostSnapshot['facts']): Pick<ReportHost, 'containers'> {
  if (!containers.known) return {}
  const told = containers.value.map(({ name, addresses }) => ({
    name,
    addresses: addresses.map(({ address }) => address),
  }))
  return { containers: told }
}

/** `node`: what Kubernetes calls it. */
export function reportHost(host: HostSnapshot, node: string | undefined): ReportHost {
  const known: string[] = []
  const absent: ReportHost['facts']['absent'][number][] = []
  for (const [fact, value] of Object.entries(host.facts)) {
    if (value.known) known.push(fact)
    else absent.push({ fact, why: value.why, detail: value.detail })
  }
  return {
    name: host.host,
    via: host.via,
    reachable: host.unreachable === undefined,
    ...(node !== undefined && { node }),
    ...reportContainers(host.facts),
    ...(host.unreachable !== undefined && { problem: host.unreachable }),
    facts: { known, absent },
  }
}
