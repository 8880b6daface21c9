/** Sends planned pings: one batch per sending host, hosts side by side with a cap. */
import { randomBytes } from 'node:crypto'
import type { PingObservation, PingReading } from '../../checks/model/observation.ts'
import type { CommandRecord } from '../collect/collect.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { HostTarget } from '../inventory/inventory.ts'
import { namespacePath } from '../inventory/namespace.ts'
import { pool } from '../pool.ts'
import { type ShowProgress, watchHosts } from '../show-progress.ts'
import { pingCommand } from './ping/argv.ts'
import { type Batch, type PingJob, pingBatch } from './ping/batch.ts'
import type { PlannedPing } from './planned-ping.ts'

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
  target: HostTarget,
  { ping, at }: Addressed,
  { count, mark }: Pick<Round, 'count' | 'mark'>,
): PingJob | undefined {
  const { address, size, source } = ping
  const id = 1 + ((mark.firstId + at) % 65_535)
  const job = { address, size, count, id, nonce: mark.nonce }
  if (source === undefined) return job
  const namespace = namespacePath(target, source.container)
  return namespace === undefined ? undefined : { ...job, namespace }
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

/** The batch of one host; readings in the order of `pings`, and of the commands what was run. */
async function sendFrom(target: HostTarget, pings: readonly Addressed[], round: Round): Promise<Batch> {
  const jobs = pings.map((ping) => jobOf(target, ping, round))
  const runner = makeRunner(target.name, target.via, target)
  try {
    const sendable = jobs.filter((job) => job !== undefined)
    const { readings, commands } = await pingBatch(runner, sendable, round)
    const left = [...readings]
    return { readings: jobs.map((job) => (job && left.shift()) ?? NO_NAMESPACE), commands }
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
  const senders = targets.filter(({ name }) => groups.has(name))
  const results = new Map<number, PingObservation>()
  const watch = watchHosts(show, senders.length, 'hosts have sent their pings')
  const batches = await pool(senders, concurrency, async (target) => {
    watch.asked(target.name)
    const group = groups.get(target.name) ?? []
    const batch = await sendFrom(target, group, { count, mark, ...how })
    for (const [index, { ping, at }] of group.entries())
      results.set(at, observed(ping, batch.readings[index] ?? NO_NAMESPACE, count))
    watch.answered(target.name)
    return batch
  })
  return {
    observations: [...results].sort(([a], [b]) => a - b).map(([, observation]) => observation),
    commands: batches.flatMap(({ commands }) => commands),
  }
}
