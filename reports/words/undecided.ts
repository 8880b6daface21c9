/** What could not be judged, each reason once with the hosts and checks it is about. */
import type { Report, ReportResult } from '../document/report.ts'

export interface Undecided {
  readonly reason: string
  readonly hosts: readonly string[]
  /** Empty where a whole host or the datastore could not be read. */
  readonly checks: readonly string[]
}

/** Characters by which reasons are told apart. */
const KIND_LENGTH = 500

/** Addresses, the host's own name and what it is reached by differ in reasons that are otherwise the same. */
function kindOf({ reason, host = '', via = '' }: Said): string {
  const [target = ''] = /[\w.-]+(?=(?::\d+)?$)/.exec(via) ?? []
  return reason
    .slice(0, KIND_LENGTH)
    .replace(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, 'ADDRESS')
    .replace(/[\w.-]+/g, (word) => (word === host || word === target ? 'HOST' : word))
}

interface Said {
  readonly reason: string
  readonly host?: string
  /** How the host is reached. */
  readonly via?: string
  readonly check?: string
}

function groups(all: readonly Said[]): readonly Undecided[] {
  const alike = Map.groupBy(all, kindOf)
  const merged = [...alike].map(([kind, each]) => ({
    // what differs between hosts is said of none of them
    reason: new Set(each.map(({ reason }) => reason)).size === 1 ? (each[0]?.reason ?? '') : kind,
    hosts: [...new Set(each.flatMap(({ host }) => host ?? []))],
    checks: [...new Set(each.flatMap(({ check }) => check ?? []))],
  }))
  return merged.sort((a, b) => b.hosts.length - a.hosts.length)
}

function isUnjudged({ outcome }: ReportResult): boolean {
  return outcome === 'inconclusive' || outcome === 'error'
}

/** What an ordinary user may not read, once for all hosts and facts. */
function forRoot(hosts: Report['hosts']): readonly Undecided[] {
  const closed = hosts.flatMap(({ name, facts }) =>
    facts.absent.filter(({ why }) => why === 'not-permitted').map(({ fact }) => ({ name, fact })),
  )
  if (closed.length === 0) return []
  const facts = [...new Set(closed.map(({ fact }) => fact))]
  const reason = `root there would also read ${facts.join(', ')}`
  return [{ reason, hosts: [...new Set(closed.map(({ name }) => name))], checks: [] }]
}

/** Every reason for doubt: how the run ended, the datastore, hosts, then checks. */
export function undecidedOf({
  run,
  datastoreProblems,
  hosts,
  results,
  notTraced = [],
}: Report): readonly Undecided[] {
  const unread = new Set(hosts.flatMap(({ name, problem }) => (problem === undefined ? [] : [name])))
  const whole = (reason: string): Undecided => ({ reason, hosts: [], checks: [] })
  const checks = results
    .filter(isUnjudged)
    .filter(({ host, blockedBy }) => !(host !== undefined && unread.has(host)) && blockedBy === undefined)
    .map(({ check, host, reason = 'no reason given' }) => ({
      reason,
      check,
      ...(host !== undefined && { host }),
    }))
  return [
    ...(run.interrupted === undefined ? [] : [whole(`${run.interrupted}: the report is partial`)]),
    ...notTraced.map(({ source, target, reason }) =>
      whole(`the ping from ${source} to ${target}: ${reason}`),
    ),
    ...datastoreProblems.map(whole),
    ...groups(
      hosts.flatMap(({ name, via, problem }) =>
        problem === undefined ? [] : [{ reason: problem, host: name, via }],
      ),
    ),
    ...forRoot(hosts),
    ...groups(checks),
  ]
}
