/** The network namespace of a container as a path on its host. */
import type { Container } from '../../checks/model/container-bridge.ts'
import { parseHostUrl } from '../hosts/host-url.ts'
import { enterablePath, NETNS_DIR } from '../hosts/netns.ts'
import type { HostTarget } from './inventory.ts'

/** Names iproute2 gives to namespaces; what a host prints is believed only in this form. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/

function named(name: string): string | undefined {
  return NAME.test(name) ? `${NETNS_DIR}/${name}` : undefined
}

function toldBy({ containers = [] }: HostTarget, container: string): string | undefined {
  const via = containers.find(({ name }) => name === container)?.via
  const url = via === undefined ? undefined : parseHostUrl(via)
  return url?.kind === 'netns' ? named(url.namespace) : undefined
}

/** Where to enter a container of `target`; undefined when it is not known. */
export function namespacePath(target: HostTarget, container: Container): string | undefined {
  if (container.foundBy === 'inventory') return toldBy(target, container.name)
  if (container.pid !== undefined) return `/proc/${container.pid}/ns/net`
  if (container.foundBy !== 'proc') return undefined
  // Its name may by now be that of its pod.
  return named(container.namespace?.replace(`${NETNS_DIR}/`, '') ?? container.name)
}

/** Where to enter a host that is nothing but a network of this machine, as those of a lab; undefined for any other and where we cannot. */
export function networkHere({ via }: HostTarget): string | undefined {
  const url = parseHostUrl(via)
  return url.kind === 'netns' && url.mounts === undefined ? enterablePath(url.namespace) : undefined
}
