/** New names for what CNI plugins name at random: a pod's port on its bridge, and the container that a book is kept for. */
import type { Cni } from '../../../checks/model/cni.ts'
import type { CollectedCluster, CollectedHost } from '../../run/collecting/collect-cluster.ts'
import type { Names } from './mac-names.ts'

/** containernetworking/plugins `pkg/ip/link_linux.go`, `RandomVethName`. */
const PORT = /^veth[\da-f]{8}$/
/** containernetworking/cni `cnitool`: a hash of the namespace's path, which has the lab's token. */
const CONTAINER = /^cnitool-[\da-f]{20}$/

function containersOf({ delegates, reservations, results }: Cni): readonly string[] {
  return [...reservations, ...delegates, ...results].map(({ container }) => container)
}

function found({ snapshot: { facts } }: CollectedHost): readonly string[] {
  const links = facts.links.known ? facts.links.value.map(({ name }) => name) : []
  const containers = facts.cni.known ? containersOf(facts.cni.value) : []
  return [...links.filter((name) => PORT.test(name)), ...containers.filter((name) => CONTAINER.test(name))]
}

/** By the place of the host and the order in which they are met on it. */
export function cniNames(looks: readonly CollectedCluster[]): Names {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  const placed = looks.flatMap(({ hosts }) => [...hosts.entries()])
  for (const [at, host] of placed) {
    for (const name of found(host)) {
      if (names.has(name)) continue
      const isPort = PORT.test(name)
      const room = `${at}/${isPort}`
      const count = (counts.get(room) ?? 0) + 1
      counts.set(room, count)
      const number = String((at + 1) * 1000 + count)
      names.set(name, isPort ? `veth${number.padStart(8, '0')}` : `cnitool-${number.padStart(20, '0')}`)
    }
  }
  return names
}
