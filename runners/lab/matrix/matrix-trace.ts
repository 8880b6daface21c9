/** Follows pings through a broken lab: which of them a fault loses, and what `trace` says of each. */

import { present } from '../../../checks/model/present.ts'
import { judgePings } from '../../../checks/trace/seen/judged-trace.ts'
import type { Fault } from '../../../fixtures/fault.ts'
import type { ReportTrace } from '../../../reports/document/report.ts'
import type { TracedWay, TraceRow } from '../../../reports/matrix/matrix.ts'
import { InputError } from '../../input-error.ts'
import { loadInventory } from '../../inventory/inventory.ts'
import { usualConcurrency } from '../../run/collecting/usual-concurrency.ts'
import { runInventory } from '../../run/run-inventory.ts'
import { tracing } from '../../run/steps/steps.ts'
import type { FaultAim } from '../faults/fault-context.ts'
import { LabError } from '../lab-error.ts'
import { labExec } from '../running/exec.ts'
import { findLab, type LabState } from '../running/state.ts'
import { compareFault } from './matrix-result.ts'
import { compareTraces } from './matrix-trace-result.ts'

/** Bytes of the IPv4 packet of a plain ping. */
const PLAIN = 84
/** IPv4 and ICMP headers, bytes. */
const HEADERS = 28
const TRACE_MS = 60_000

/** A container of the lab as both ends of a way know it. */
interface WayEnd {
  readonly words: string
  readonly name: string
  readonly address: string
  /** MTU of its link, bytes; absent where its network cannot be entered by the lab's name for it. */
  readonly mtu?: number
}

async function textOf(lab: LabState, at: string, words: string): Promise<string> {
  return Buffer.from((await labExec(lab, at, { argv: words.split(' ') })).stdout).toString('utf8')
}

interface LinkRow {
  readonly mtu: number
  readonly addr_info: readonly { readonly family: string; readonly local: string }[]
}

/** The container's link; undefined where a restarted dockerd has given the container another network. */
async function linkOf(lab: LabState, container: string): Promise<LinkRow | undefined> {
  const text = await textOf(lab, container, 'ip -json address show dev eth0')
  const rows = text.trim() === '' ? [] : (JSON.parse(text) as readonly LinkRow[])
  return rows.find(({ addr_info }) => addr_info.length > 0)
}

/** The first container of a host. The sender forgets what sizes it has learnt: an earlier fault may have taught it. */
async function endOf(lab: LabState, host: string): Promise<WayEnd> {
  const container = lab.hosts.find(({ name }) => name === host)?.containers[0]
  if (container === undefined) throw new LabError('failed', `${host} has no container`)
  const { name } = container
  const link = await linkOf(lab, name)
  await textOf(lab, name, 'ip route flush cache')
  const own = link?.addr_info.find(({ family }) => family === 'inet')
  const address = own?.local ?? container.address
  return { words: `${host}/${name}`, name, address, ...(link && { mtu: link.mtu }) }
}

async function isAnswered(
  lab: LabState,
  [from, to]: readonly [WayEnd, WayEnd],
  size: number,
): Promise<boolean> {
  const words = `ping -n -c 2 -i 0.2 -W 1 -M do -s ${size - HEADERS} ${to.address}`
  return / 0% packet loss/.test(await textOf(lab, from.name, words))
}

/** What a real ping says: the size to follow, plain unless only packets as large as the container's MTU are lost. */
async function pinged(
  lab: LabState,
  ends: readonly [WayEnd, WayEnd],
): Promise<Pick<TracedWay, 'size' | 'answered'> | undefined> {
  const [{ mtu: full }, { mtu: far }] = ends
  if (full === undefined || far === undefined) return undefined
  const [plain, large] = await Promise.all([PLAIN, full].map((size) => isAnswered(lab, ends, size)))
  const isLarge = plain === true && large === false
  return { size: isLarge ? full : PLAIN, answered: plain === true && large === true }
}

const MUTE = { ends: 'not-traced', at: [], agreement: 'none', first: null } as const

/** `trace` of one way as the command does it. */
async function followed(
  lab: LabState,
  [from, to]: readonly [WayEnd, WayEnd],
  { fault, size, signal }: { readonly fault: Fault; readonly size?: number; readonly signal: AbortSignal },
): Promise<Omit<TracedWay, 'way'>> {
  const collection = { concurrency: usualConcurrency(), signal }
  const request = {
    source: from.words,
    target: to.words,
    intrude: false,
    ...present({ size }),
  }
  const { report, snapshot } = await runInventory(await loadInventory(lab.inventory), {
    collection,
    steps: [tracing(request)],
  })
  const { traces, notTraced: [open] = [] } = report
  const { loss } = judgePings(snapshot)
  if (open !== undefined) throw new LabError('failed', `${from.words} to ${to.words}: ${open.reason}`)
  const last = traces.find(({ ends }) => ends !== 'delivered') ?? (traces.at(-1) as ReportTrace)
  const isAnsweredTwice = traces.every(
    ({ ping, fullPing = ping }) => ping.received > 0 && fullPing.received > 0,
  )
  return {
    size: last.ping.size,
    answered: isAnsweredTwice,
    ends: last.ends,
    at: [...new Set(loss?.at.map(({ host, stage }) => `${host} ${stage}`))],
    agreement: last.agreement,
    says: last.says,
    first: compareFault(fault, report).first,
    ...present({ dropReason: last.dropReason, rule: last.rule }),
  }
}

/** True when the ping before the trace and that of the trace fell on two sides of a change. */
function isTorn({ answered, ends }: TracedWay): boolean {
  return !answered && ends === 'delivered'
}

/** A way that cannot be followed, as an address outside the network, is told as such. */
async function tryWay(
  lab: LabState,
  ends: readonly [WayEnd, WayEnd],
  asked: { readonly way: TracedWay['way']; readonly fault: Fault; readonly signal: AbortSignal },
): Promise<TracedWay> {
  const ping = await pinged(lab, ends)
  await textOf(lab, ends[0].name, 'ip route flush cache')
  try {
    const told = await followed(lab, ends, { ...asked, ...(ping && { size: ping.size }) })
    return { way: asked.way, ...told, ...ping }
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return { way: asked.way, size: PLAIN, answered: false, ...ping, ...MUTE, says: error.message }
  }
}

/** Once more where daemons changed the network in between: containers come back, routes are written again. */
async function wayOf(...asked: Parameters<typeof tryWay>): Promise<TracedWay> {
  const way = await tryWay(...asked)
  return isTorn(way) ? tryWay(...asked) : way
}

/** Pings and follows both ways between the victim's container and the peer's while a fault lasts. */
export async function traceFault(
  name: string,
  fault: Fault,
  { victim, peer, signal }: FaultAim & { readonly signal: AbortSignal },
): Promise<TraceRow> {
  const startedAt = performance.now()
  const lab = findLab(name)
  const until = AbortSignal.any([signal, AbortSignal.timeout(TRACE_MS)])
  const [near, far] = await Promise.all([endOf(lab, victim), endOf(lab, peer)])
  const out = await wayOf(lab, [near, far], { way: 'out', fault, signal: until })
  const back = await wayOf(lab, [far, near], { way: 'in', fault, signal: until })
  const seconds = Math.round((performance.now() - startedAt) / 10) / 100
  return { ...compareTraces(fault, lab.backend, [out, back]), seconds }
}
