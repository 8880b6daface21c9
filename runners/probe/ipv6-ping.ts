/** Pings by IPv6 between hosts whose leases have an IPv6 subnet: those by IPv4 say nothing about the second family. */

import { isExpected } from '../../checks/expected/expected.ts'
import { expectedHost } from '../../checks/expected/expected-host.ts'
import { ipv6Containers, ipv6In } from '../../checks/expected/ipv6-ends.ts'
import { knownValue } from '../../checks/expected/observed-host.ts'
import type { Container } from '../../checks/model/container-bridge.ts'
import { type Ipv6Prefix, isInIpv6, printedIpv6 } from '../../checks/model/ipv6.ts'
import type { Ipv6PingObservation, PingReading, ProbeEnd } from '../../checks/model/observation.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot, HostSnapshot } from '../../checks/model/snapshot.ts'
import { type CommandRecord, commandRecord } from '../collect/collect.ts'
import { frameToken } from '../collect/section/frames.ts'
import { posixQuote } from '../hosts/command/quote.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { HostTarget } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import { pool } from '../pool.ts'
import { inWaves, jobsTold, patience, toldFunction, unrunProblem } from './jobs/script-jobs.ts'
import { choosePairs } from './pairs.ts'
import { parsePing } from './ping/parse.ts'
import type { SendSettings } from './send.ts'

/** Requests of one ping, and seconds it waits for the last answer: a neighbour may be asked for first. */
const COUNT = 3
const WAIT_S = 2
/** Seconds between requests, which other users than root may send as well (ping(8)). */
const INTERVAL_S = 0.2

/** IPv6 header (RFC 8200) and ICMPv6 echo header (RFC 4443), bytes; and the payload that ping(8) sends unless it is told. */
const HEADERS = 48
const SMALL = HEADERS + 56

/** An address, and the MTU of the link that its host or container sends by. */
interface Ipv6End {
  readonly end: ProbeEnd
  readonly address: string
  readonly mtu?: number
  readonly container?: Container
}

/** A host by its addresses of the second family. */
interface Ipv6Ends {
  readonly host: string
  /** Its VTEP's, else its bridge's address. */
  readonly own?: Ipv6End
  readonly inside?: Ipv6End
}

interface PlannedIpv6 extends Pick<Ipv6PingObservation, 'from' | 'to' | 'address' | 'size' | 'full'> {
  readonly source?: Container
}

function mtuOf(links: readonly { readonly name: string; readonly mtu: number }[], name: string | undefined) {
  return present({ mtu: links.find((link) => link.name === name)?.mtu })
}

function insideOf(host: string, { facts }: HostSnapshot, subnet: Ipv6Prefix): Ipv6End | undefined {
  const [first] = ipv6Containers(knownValue(facts.containers) ?? [], subnet)
  if (first === undefined) return undefined
  const { container, address } = first
  const name = container.addresses.find((one) => isInIpv6(one.address, subnet))?.link
  return { end: { host, container: container.name }, address, container, ...mtuOf(container.links, name) }
}

function endsOf(snapshot: ClusterSnapshot, found: HostSnapshot): Ipv6Ends | undefined {
  const { host, facts } = found
  const expected = expectedHost(snapshot, host)
  if (!isExpected(expected) || expected.ipv6 === undefined) return undefined
  const { subnet, link } = expected.ipv6
  const address = link ? printedIpv6(subnet.network) : ipv6In(knownValue(facts.addresses) ?? [], subnet)
  const mtu = mtuOf(knownValue(facts.links) ?? [], link?.name ?? expected.externalLink?.name)
  const own = address === undefined ? undefined : { end: { host }, address, ...mtu }
  return { host, ...present({ own, inside: insideOf(host, found, subnet) }) }
}

/** A small ping and, where the links of both ends are known, one as large as both carry. */
function pingsFrom(a: Ipv6End, b: Ipv6End): readonly PlannedIpv6[] {
  const ends = { from: a.end, to: b.end, address: b.address, ...present({ source: a.container }) }
  const small = { ...ends, size: SMALL, full: false }
  if (a.mtu === undefined || b.mtu === undefined) return [small]
  return [small, { ...ends, size: Math.min(a.mtu, b.mtu), full: true }]
}

function pingsOf(a: Ipv6Ends, b: Ipv6Ends): readonly PlannedIpv6[] {
  const from = a.own ?? { end: { host: a.host }, address: '' }
  const ofHosts = b.own === undefined ? [] : pingsFrom(from, b.own)
  return a.inside && b.inside ? [...ofHosts, ...pingsFrom(a.inside, b.inside)] : ofHosts
}

/** Between each chosen ordered pair of hosts pings of the hosts and of a container of each; none where flannel carries IPv4 alone. */
export function planIpv6(snapshot: ClusterSnapshot, turn?: number): readonly PlannedIpv6[] {
  const ends = [...snapshot.hosts.values()].flatMap((host) => endsOf(snapshot, host) ?? [])
  return choosePairs(ends, ({ host }) => host, turn).pairs.flatMap(([a, b]) => pingsOf(a, b))
}

/** What a person types at the sending end. Throws TypeError for what is no IPv6 address. */
function pingWords({ address, size }: Pick<PlannedIpv6, 'address' | 'size'>): string {
  const printed = printedIpv6(address)
  if (printed === undefined) throw new TypeError(`not an IPv6 address: ${address}`)
  const payload = size === SMALL ? '' : ` -s ${size - HEADERS} -M do`
  return `ping -6 -n -c ${COUNT} -i ${INTERVAL_S} -W ${WAIT_S}${payload} ${printed}`
}

function jobLine(ping: PlannedIpv6, target: HostTarget, index: number): string | undefined {
  const { source } = ping
  const namespace = source && namespacePath(target, source)
  if (source && namespace === undefined) return undefined
  const words = `${namespace === undefined ? '' : `nsenter ${posixQuote(`--net=${namespace}`)} `}${pingWords(ping)}`
  return `job p${index} ${posixQuote(words)} &`
}

function scriptOf(token: string, lines: readonly string[]): string {
  return `LC_ALL=C
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
${toldFunction(token)}
job() {
  out=$(eval "exec $2" 2>&1 </dev/null)
  told "$1" "$out" $?
}
${inWaves(lines).join('\n')}
exit 0
`
}

async function sendFrom(
  target: HostTarget,
  pings: readonly PlannedIpv6[],
  signal: AbortSignal,
): Promise<{
  readonly observations: readonly Ipv6PingObservation[]
  readonly commands: readonly CommandRecord[]
}> {
  const runner = makeRunner(target.name, target.via, target)
  const observed = (reading: (ping: PlannedIpv6, at: number) => PingReading) =>
    pings.map((planned, at) => {
      const { source: _, ...ping } = planned
      const said = { ...reading(planned, at), command: pingWords(ping) }
      return { kind: 'ipv6-ping' as const, ...ping, ...said }
    })
  const token = frameToken()
  try {
    const lines = pings.flatMap((ping, at) => jobLine(ping, target, at) ?? [])
    const timeoutMs = patience(pings.length, (COUNT * INTERVAL_S + WAIT_S) * 1000)
    const argv = ['sh', '-s']
    const result = await runner.run(argv, { stdin: scriptOf(token, lines), timeoutMs, signal })
    const told = jobsTold(result.stdout, token)
    return {
      observations: observed(({ address }, at) => {
        const { text = '', status } = told.get(`p${at}`) ?? {}
        return parsePing(text, address, status)
      }),
      commands: [commandRecord(runner.host, { ...result, argv })],
    }
  } catch (error) {
    const problem = unrunProblem(error)
    return { observations: observed(() => ({ sent: 0, received: 0, problem })), commands: [] }
  } finally {
    await runner.close()
  }
}

/** Sends them, hosts side by side. Never rejects for a host's sake; a host without a target is left out. */
export async function sendIpv6(
  pings: readonly PlannedIpv6[],
  { targets, concurrency, signal }: SendSettings,
) {
  const groups = Map.groupBy(pings, ({ from }) => from.host)
  const senders = targets.filter(({ name }) => groups.has(name))
  const sent = await pool(senders, concurrency, (target) =>
    sendFrom(target, groups.get(target.name) ?? [], signal),
  )
  return {
    observations: sent.flatMap(({ observations }) => observations),
    commands: sent.flatMap(({ commands }) => commands),
  }
}
