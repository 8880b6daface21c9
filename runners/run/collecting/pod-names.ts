/** Containers under the names of their pods: what CNI wrote down of a network namespace, else whose address it is. */
import type { Cni } from '../../../checks/model/cni.ts'
import type { Container } from '../../../checks/model/container-bridge.ts'
import type { DatastoreFacts, Fact, HostSnapshot } from '../../../checks/model/snapshot.ts'

/** Names by address and by file of the namespace. */
interface PodNames {
  readonly byAddress: ReadonlyMap<string, string>
  readonly bySandbox: ReadonlyMap<string, string>
}

/** `/var/run` is a link to `/run`. */
const place = (path: string): string => path.replace(/^\/var\/run\//, '/run/')

function sandboxes({ results }: Cni): ReadonlyMap<string, string> {
  return new Map(
    results.flatMap(({ sandbox, pod }) =>
      sandbox === undefined || pod === undefined ? [] : [[place(sandbox), pod] as const],
    ),
  )
}

function addresses(kubernetes: Fact<DatastoreFacts['kubernetes']>): ReadonlyMap<string, string> {
  const pods = kubernetes.known ? (kubernetes.value.pods ?? []) : []
  const living = pods.filter(({ usesHostNetwork, phase }) => !usesHostNetwork && phase === 'Running')
  return new Map(
    living.flatMap(({ namespace, name, ips }) => ips.map((ip) => [ip, `${namespace}/${name}`] as const)),
  )
}

function named(container: Container, { byAddress, bySandbox }: PodNames): Container {
  if (container.foundBy === 'inventory') return container
  const known = container.namespace === undefined ? undefined : bySandbox.get(place(container.namespace))
  const [held] = container.addresses.flatMap(({ address }) => byAddress.get(address) ?? [])
  const name = known ?? held
  return name === undefined ? container : { ...container, name }
}

/** The hosts with pods in place of the processes that were found in their namespaces. */
export function withPodNames(
  hosts: readonly HostSnapshot[],
  kubernetes: Fact<DatastoreFacts['kubernetes']>,
): readonly HostSnapshot[] {
  if (!kubernetes.known) return hosts
  const byAddress = addresses(kubernetes)
  return hosts.map((host) => {
    const { containers, cni } = host.facts
    if (!containers.known) return host
    const names = { byAddress, bySandbox: cni.known ? sandboxes(cni.value) : new Map<string, string>() }
    const value = containers.value.map((container) => named(container, names))
    return { ...host, facts: { ...host.facts, containers: { ...containers, value } } }
  })
}
