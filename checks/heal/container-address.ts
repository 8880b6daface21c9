/** A container gets another address of its host's subnet: from Docker, which keeps the list of those it gave out, else in its namespace. */

import { type Attachment, attachments, namespaceOf } from '../expected/bridge-port.ts'
import type { HealStep } from '../heal-step.ts'
import {
  containsAddress,
  formatAddress,
  formatPrefix,
  lastAddress,
  networkAddress,
  type Prefix,
} from '../model/address.ts'
import type { Container, Docker } from '../model/container-bridge.ts'
import type { Link, LinkAddress } from '../model/link.ts'
import { dockerClient } from './restart-daemon.ts'
import { run } from './steps.ts'

/** The bridge that a container hangs on, and everybody who may hold an address there. */
export interface Addressing {
  readonly bridge: Link
  readonly subnet: Prefix
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
  readonly containers: readonly Container[]
  readonly docker: Docker
}

/** The lowest address that neither the host nor a container of it has; the first is that of the bridge. */
function freeAddress({ subnet, links, addresses, containers }: Addressing): number | undefined {
  const held = [...addresses, ...attachments(links, containers).flatMap((one) => one.addresses)]
  const used = new Set(held.map(({ prefix }) => prefix?.address))
  for (let address = networkAddress(subnet) + 2; address < lastAddress(subnet); address++)
    if (!used.has(address)) return address
  return undefined
}

/** The part of a draft that takes `wrong` from the container. */
export function anotherAddress(
  { container, link, addresses }: Attachment,
  wrong: readonly LinkAddress[],
  place: Addressing,
): { readonly heal: readonly HealStep[]; readonly data: Readonly<Record<string, string>> } {
  const network = place.docker.networks.find(({ bridge }) => bridge === place.bridge.name)?.name
  if (container.foundBy === 'docker' && network !== undefined) {
    const client = `${dockerClient(place.docker)} network`
    return {
      heal: [
        run(`${client} disconnect {network} {container}`, 'Docker takes the address back'),
        run(`${client} connect {network} {container}`, 'Docker gives the container a free one'),
      ],
      data: { network, container: container.name },
    }
  }
  const right = addresses.filter(
    ({ prefix, address }) =>
      prefix &&
      containsAddress(place.subnet, prefix.address) &&
      !wrong.some((one) => one.address === address),
  )
  const free = right.length > 0 ? undefined : freeAddress(place)
  const inside = (words: string): string => `nsenter --net={namespace} ip addr ${words} dev {inner}`
  const added =
    free === undefined ? [] : [run(inside('add {free} brd +'), 'the container has an address of its own')]
  const removed = wrong.flatMap(({ prefix }) =>
    prefix ? [run(inside(`del ${formatPrefix(prefix)}`), 'it no longer has the other one')] : [],
  )
  return {
    heal: right.length === 0 && free === undefined ? [] : [...added, ...removed],
    data: {
      ...namespaceOf(container),
      inner: link.name,
      free: `${formatAddress(free ?? 0)}/${place.subnet.length}`,
    },
  }
}
