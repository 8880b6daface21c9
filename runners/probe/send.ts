/** Sends planned pings: one batch per sender, hosts side by side with a cap. */
import { randomBytes } from 'node:crypto'
import type { PingObservation, PingReading } from '../../checks/model/observation.ts'
import { present } from '../../checks/model/present.ts'
import type { CommandRecord } from '../collect/collect.ts'
import type { HostTarget } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import { type ShowProgress, watchHosts } from '../show-progress.ts'
import { pingCommand } from './ping/argv.ts'
import { pingBatch } from './ping/batch.ts'
import type { PingJob } from './ping/batch-script.ts'
import type { PlannedPing } from './planned-ping.ts'
import { eachSender, type Sender, type SendingHost } from './senders.ts'

export interface SendSettings {
  readonly targets: readonly HostTarget[]
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly show?: ShowProgress
  /** True where it does not matter why a ping has no answer. */
  readonly isArrivalEnough?: boolean
}

export interface Sent {
  readonly observations: readonly PingObservation[]
  readonly commands: readonly CommandRecord[]
}

interface Addressed {
  readonly ping: PlannedPing
  /** Position among all pings of this round. */
  readonly at: number
}

/** One mark per round: identifiers follow each other from a random start, the payload repeats a random pattern. */
interface RoundMark {
  readonly firstId: number
  readonly nonce: string
}

interface Round extends Pick<SendSettings, 'signal' | 'isArrivalEnough'> {
  readonly count: number
  readonly mark: RoundMark
}

function roundMark(): RoundMark {
  const bytes = randomBytes(10)
  return { firstId: bytes.readUInt16BE(8), nonce: bytes.toString('hex', 0, 8) }
}

function observed(
  { source: _, target: __, ...ping }: PlannedPing,
  reading: PingReading,
  count: number,
): PingObservation {
  const { address, size } = ping
  return { kind: 'ping', ...ping, ...reading, command: pingCommand({ address, size, count }) }
}

function jobOf(
  { target, network }: SendingHost,
  { ping, at }: Addressed,
  { count, mark }: Pick<Round, 'count' | 'mark'>,
): PingJob | undefined {
  const { address, size, source } = ping
  const id = 1 + ((mark.firstId + at) % 65_535)
  const namespace = source === undefined ? network : namespacePath(target, source.container)
  if (source !== undefined && namespace === undefined) return undefined
  return { address, size, count, id, nonce: mark.nonce, sender: target.name, ...present({ namespace }) }
}

const NO_NAMESPACE: PingReading = {
  sent: 0,
  received: 0,
  problem: { why: 'not-applicable', detail: 'its network namespace is not known' },
}

function byHost(pings: readonly PlannedPing[]): Map<string, Addressed[]> {
  const groups = new Map<string, Addressed[]>()
  for (const [at, ping] of pings.entries()) {
    const group = groups.get(ping.from.host)
    if (group === undefined) groups.set(ping.from.host, [{ ping, at }])
    else group.push({ ping, at })
  }
  return groups
}

interface SentBatch {
  readonly readings: readonly (readonly [Addressed, PingReading])[]
  readonly commands: readonly CommandRecord[]
}

/** The batch of one sender: a reading for each ping of its hosts, and of each host the command that sent them. */
async function sendFrom(
  { runner, hosts }: Sender,
  groups: ReadonlyMap<string, readonly Addressed[]>,
  round: Round,
): Promise<SentBatch> {
  const asked = hosts.flatMap((host) =>
    (groups.get(host.target.name) ?? []).map((ping) => ({ ping, job: jobOf(host, ping, round) })),
  )
  try {
    const sendable = asked.flatMap(({ job }) => job ?? [])
    const { readings, commands } = await pingBatch(runner, sendable, round)
    const left = [...readings]
    return {
      readings: asked.map(({ ping, job }) => [ping, (job && left.shift()) ?? NO_NAMESPACE]),
      commands: hosts.flatMap(({ target: { name } }) => commands.map((one) => ({ ...one, host: name }))),
    }
  } finally {
    await runner.close()
  }
}

/**
 * Sends every ping `count` times and gives what was seen, in the order of `pings`. Never rejects
 * for a host's sake. A host without a target is left out.
 */
export async function sendPings(
  pings: readonly PlannedPing[],
  count: number,
  { targets, concurrency, show, ...how }: SendSettings,
): Promise<Sent> {
  const mark = roundMark()
  const groups = byHost(pings)
  const sending = targets.filter(({ name }) => groups.has(name))
  const watch = watchHosts(show, sending.length, 'hosts have sent their pings')
  const batches = await eachSender(sending, concurrency, async (sender) => {
    for (const { target } of sender.hosts) watch.asked(target.name)
    const batch = await sendFrom(sender, groups, { count, mark, ...how })
    for (const { target } of sender.hosts) watch.answered(target.name)
    return batch
  })
  return {
    observations: batches
      .flatMap(({ readings }) => readings)
      .sort(([a], [b]) => a.at - b.at)
      .map(([{ ping }, reading]) => observed(ping, reading, count)),
    commands: batches.flatMap(({ commands }) => commands),
  }
}
