/** New names for MAC addresses and the IPv6 addresses that are made of them, told by whose they are. */
import type { CollectedCluster } from '../../run/collecting/collect-cluster.ts'

/** What is found in a text, in lower case, and what stands there instead. */
export type Names = ReadonlyMap<string, string>

interface OwnedLink {
  /** Place of the host in its cluster, from 1, of the container on its host, 0 for the host, and of the link there. */
  readonly place: readonly [host: number, container: number, link: number]
  readonly mac: string
}

const hex = (value: number): string => value.toString(16).padStart(2, '0')
const bytesOf = (mac: string): readonly number[] => mac.split(':').map((byte) => Number.parseInt(byte, 16))
const isMac = (text: string | undefined): text is string => /^([\da-f]{2}:){5}[\da-f]{2}$/.test(text ?? '')

/** Groups of an IPv6 address without leading zeros, as the kernel prints them (RFC 5952). */
function groups(bytes: readonly number[]): string {
  const words = Array.from({ length: bytes.length / 2 }, (_, at) =>
    ((bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0)).toString(16),
  )
  return words.join(':')
}

/** The link-local address of a MAC (RFC 4291, appendix A): its seventh bit turned round, ff:fe in the middle. */
function linkLocal(mac: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytesOf(mac)
  return `fe80::${groups([a ^ 2, b, c, 0xff, 0xfe, d, e, f])}`
}

/** The multicast group that is asked for such an address (RFC 4291, 2.7.1), and its MAC (RFC 2464, 7). */
function solicited(mac: string): readonly [string, string] {
  const [, , , d = 0, e = 0, f = 0] = bytesOf(mac)
  return [`ff02::1:${groups([0xff, d, e, f])}`, `33:33:ff:${hex(d)}:${hex(e)}:${hex(f)}`]
}

/** Docker's form, which follows from the bridge's address, and what no random MAC is: it stays. */
function isGiven(mac: string): boolean {
  return mac.startsWith('02:42:') || mac.startsWith('00:00:00:') || mac === 'ff:ff:ff:ff:ff:ff'
}

/** Links of all hosts and containers, by host and in the order in which the kernel numbered them. */
function linksOf({ hosts }: CollectedCluster): readonly (OwnedLink & { readonly name: string })[] {
  return hosts.flatMap(({ target, snapshot: { facts } }, at) => {
    const links = facts.links.known ? facts.links.value : []
    const own = links.map(({ name, mac = '' }, n) => ({
      name: `${target.name}/${name}`,
      place: [at + 1, 0, n + 1] as const,
      mac,
    }))
    const containers = facts.containers.known ? facts.containers.value : []
    const inside = containers.flatMap(({ name: container, links: found }, c) =>
      found.map(({ name, mac = '' }, n) => ({
        name: `${target.name}/${container}/${name}`,
        place: [at + 1, c + 1, n + 1] as const,
        mac,
      })),
    )
    return [...own, ...inside]
  })
}

/**
 * Names of the MACs that links of these looks have, the earlier look first: a link keeps its number in all of them, and
 * gets another last byte when it has another MAC. `keep` are MACs that somebody chose.
 */
export function macNames(looks: readonly CollectedCluster[], keep: (mac: string) => boolean): Names {
  const macs = new Map<string, string>()
  const placed = new Map<string, { readonly place: OwnedLink['place']; count: number }>()
  const taken = new Map<string, number>()
  for (const { name, place, mac } of looks.flatMap(linksOf)) {
    if (!isMac(mac) || isGiven(mac) || keep(mac) || macs.has(mac)) continue
    const room = place.slice(0, 2).join('/')
    const next = (taken.get(room) ?? 0) + 1
    const owner = placed.get(name) ?? { place: [place[0], place[1], next] as const, count: 0 }
    if (!placed.has(name)) {
      placed.set(name, owner)
      taken.set(room, next)
    }
    macs.set(mac, ['06', 'fd', ...[...owner.place, owner.count++].map(hex)].join(':'))
  }
  return new Map([...macs].flatMap(([mac, name]) => forms(mac, name)))
}

function forms(mac: string, name: string): readonly (readonly [string, string])[] {
  const [group, groupMac] = solicited(mac)
  const [newGroup, newGroupMac] = solicited(name)
  return [
    [mac, name],
    // The identifier of a bridge is printed without leading zeros.
    [mac.replaceAll(/\b0/g, ''), name],
    [linkLocal(mac), linkLocal(name)],
    [group, newGroup],
    [groupMac, newGroupMac],
  ]
}
