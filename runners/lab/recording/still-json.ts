/** JSON of a section made still: counters, ages and the order of hash tables say nothing about a network. */

/** Counters of traffic, and timers of a bridge: at any two looks another number. */
const COUNTERS = new Set(['packets', 'bytes', 'multicast'])
const TIMER = /_timer$/
/** What `ip -s` counts in a link's `stats64` besides traffic: that there were many is kept. */
const STATISTICS = 'stats64'
/** A link that comes up drops a router solicitation or two of its own, as it happens. */
const MANY = 10
/** An IPv6 address is tried out for a second before it is used (RFC 4862, 5.4). */
const PASSING = new Set(['tentative', 'optimistic'])
/** States of a neighbour that lead to each other by waiting (kernel, Documentation/networking, NUD states). */
const AGEING = new Set(['REACHABLE', 'STALE', 'DELAY', 'PROBE'])
/** MACs of multicast groups (RFC 1112, 2464): hosts join and leave them as time goes by. */
const GROUP_MAC = /^(33:33|01:00:5e):/

type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function stillNumber(key: string, value: number, isStatistic: boolean): number {
  if (COUNTERS.has(key) || TIMER.test(key)) return 0
  return isStatistic ? Number(value >= MANY) : value
}

function stillMember(key: string, value: unknown, isStatistic: boolean): unknown {
  if (typeof value === 'number') return stillNumber(key, value, isStatistic)
  if (key === 'state' && Array.isArray(value)) return value.map((word) => (AGEING.has(word) ? 'STALE' : word))
  // A learned FDB entry is `stale` when it was not used for a while.
  if (key === 'state' && value === 'stale') return ''
  return stillValue(value, isStatistic || key === STATISTICS)
}

function stillValue(value: unknown, isStatistic = false): unknown {
  if (Array.isArray(value)) return value.map((entry) => stillValue(entry, isStatistic))
  if (!isMembers(value)) return value
  const members = Object.entries(value).filter(([key]) => !PASSING.has(key))
  return Object.fromEntries(members.map(([key, member]) => [key, stillMember(key, member, isStatistic)]))
}

/** Who asks for an address of IPv6 may do so by its link-local one, and is then known by that: as it happens. */
const isLinkLocal = ({ dst }: Members): boolean => typeof dst === 'string' && dst.startsWith('fe80:')

function isPassing(entry: unknown): boolean {
  if (!isMembers(entry)) return false
  if (isLinkLocal(entry)) return true
  const mac = entry.lladdr ?? entry.mac
  return typeof mac === 'string' && GROUP_MAC.test(mac)
}

const byText = (a: unknown, b: unknown): number => {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)]
  return one < other ? -1 : Number(one > other)
}

/** Facts that the kernel keeps in hash tables of random order, and in them what it does by itself. */
const HASHED = new Set(['neighbours', 'fdb'])

/** The value with what moves made still; entries of hashed tables in the order of their texts. */
export function stillJson(fact: string, value: unknown): unknown {
  const still = stillValue(value)
  if (!HASHED.has(fact) || !Array.isArray(still)) return still
  return still.filter((entry) => !isPassing(entry)).toSorted(byText)
}
