/** TCP connections and UDP datagrams between ends whose pings are answered: pings say nothing of rules for a protocol. */
import { randomBytes } from 'node:crypto'
import type { ConnectionObservation } from '../../../checks/model/observation.ts'
import { type CommandRecord, commandRecord } from '../../collect/collect.ts'
import { frameToken } from '../../collect/section/frames.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { makeRunner } from '../../hosts/make-runner.ts'
import type { HostTarget } from '../../inventory/inventory.ts'
import { namespacePath } from '../../inventory/namespace.ts'
import { pool } from '../../pool.ts'
import { jobsTold, unrunProblem } from '../jobs/script-jobs.ts'
import type { SendSettings } from '../send.ts'
import {
  type ConnectJob,
  type ConnectReading,
  connectCommand,
  connectPatience,
  connectScript,
  parseConnection,
} from './connect-script.ts'
import { type Listeners, startListeners } from './listeners.ts'
import type { PlannedConnection } from './planned-connections.ts'

/** What was tried, and the commands that were run. */
export interface Tried {
  readonly observations: readonly ConnectionObservation[]
  readonly commands: readonly CommandRecord[]
}

/** What all hosts of one run share. */
interface Round extends SendSettings {
  readonly nonce: string
  readonly runners: ReadonlyMap<string, Runner>
}

type ListenersByHost = ReadonlyMap<string, Listeners>

function problem(why: NonNullable<ConnectReading['problem']>['why'], detail: string): ConnectReading {
  return { problem: { why, detail } }
}

/** One listener for each address that connections go to, by the address as key. */
async function listenOn(
  target: HostTarget,
  connections: readonly PlannedConnection[],
  { runners, nonce, signal }: Round,
): Promise<Listeners> {
  const places = new Map(
    connections.flatMap(({ address, target: { container } }) => {
      const namespace = namespacePath(target, container)
      return namespace === undefined ? [] : [[address, { address, namespace }] as const]
    }),
  )
  return startListeners(runners.get(target.name) as Runner, [...places.values()], { nonce, signal })
}

/** The job of one connection, or why there is none. */
function jobOf(
  sender: HostTarget,
  { protocol, to, address, source }: PlannedConnection,
  listeners: ListenersByHost,
): ConnectJob | ConnectReading {
  const held = listeners.get(to.host)
  const port = held?.ports.get(address)?.[protocol]
  if (port === undefined) return { problem: held?.problem ?? { why: 'unreachable', detail: 'no listener' } }
  if (source === undefined) return { protocol, address, port }
  const namespace = namespacePath(sender, source.container)
  return namespace === undefined
    ? problem('not-applicable', 'its network namespace is not known')
    : { protocol, address, port, namespace }
}

function isJob(one: ConnectJob | ConnectReading): one is ConnectJob {
  return 'port' in one
}

async function readingsOf(
  runner: Runner,
  jobs: readonly ConnectJob[],
  { nonce, signal }: Round,
): Promise<{ readonly readings: readonly ConnectReading[]; readonly commands: readonly CommandRecord[] }> {
  if (jobs.length === 0) return { readings: [], commands: [] }
  const token = frameToken()
  try {
    const stdin = connectScript(token, jobs, nonce)
    const timeoutMs = connectPatience(jobs.length)
    const argv = ['bash', '-s']
    const { end, stdout, stderr, ms } = await runner.run(argv, { stdin, timeoutMs, signal })
    const told = jobsTold(stdout, token)
    const isMissing = 'exit' in end && end.exit === 127
    const readings = jobs.map((_, index) => {
      const { text, status } = told.get(`c${index}`) ?? { text: '' }
      return isMissing ? parseConnection(stderr, 127) : parseConnection(text, status)
    })
    return { readings, commands: [commandRecord(runner.host, { argv, ms, end })] }
  } catch (error) {
    const unrun = { problem: unrunProblem(error) }
    return { readings: jobs.map(() => unrun), commands: [] }
  }
}

/** Tries everything that one host, or a container of it, begins. */
async function tryFrom(
  sender: HostTarget,
  connections: readonly PlannedConnection[],
  { round, listeners }: { readonly round: Round; readonly listeners: ListenersByHost },
): Promise<Tried> {
  const planned = connections.map((one) => jobOf(sender, one, listeners))
  const jobs = planned.filter(isJob)
  const { readings, commands } = await readingsOf(round.runners.get(sender.name) as Runner, jobs, round)
  const left = [...readings]
  const observations = connections.map((connection, index): ConnectionObservation => {
    const { protocol, from, to, address } = connection
    const job = planned[index] as ConnectJob | ConnectReading
    const base = { kind: 'connection', protocol, from, to, address } as const
    if (!isJob(job)) return { ...base, ...job, command: connectCommand({ protocol, address, port: 0 }) }
    return { ...base, port: job.port, ...left.shift(), command: connectCommand(job) }
  })
  return { observations, commands }
}

function together(tried: readonly Tried[]): Tried {
  return {
    observations: tried.flatMap(({ observations }) => observations),
    commands: tried.flatMap(({ commands }) => commands),
  }
}

/**
 * Has a process listen at every far end, tries the connections from the hosts that begin them, and ends the listeners.
 * Never rejects for a host's sake. What begins or ends on a host without a target is left out.
 */
export async function tryConnections(
  connections: readonly PlannedConnection[],
  settings: SendSettings,
): Promise<Tried> {
  const { targets, concurrency } = settings
  const named = new Set(targets.map(({ name }) => name))
  const usable = connections.filter(({ from, to }) => named.has(from.host) && named.has(to.host))
  if (usable.length === 0) return { observations: [], commands: [] }
  const [bySender, byReceiver] = [
    Map.groupBy(usable, ({ from }) => from.host),
    Map.groupBy(usable, ({ to }) => to.host),
  ]
  const taking = targets.filter(({ name }) => bySender.has(name) || byReceiver.has(name))
  const runners = new Map(taking.map((one) => [one.name, makeRunner(one.name, one.via, one)]))
  const round: Round = { ...settings, nonce: randomBytes(16).toString('hex'), runners }
  const listeners = new Map<string, Listeners>()
  try {
    await pool(taking, concurrency, async (target) => {
      const own = byReceiver.get(target.name)
      if (own !== undefined) listeners.set(target.name, await listenOn(target, own, round))
    })
    const tried = await pool(taking, concurrency, (target) =>
      tryFrom(target, bySender.get(target.name) ?? [], { round, listeners }),
    )
    return together(tried)
  } finally {
    await Promise.all([...listeners.values()].map((each) => each.stop()))
    await Promise.all([...runners.values()].map((runner) => runner.close()))
  }
}
