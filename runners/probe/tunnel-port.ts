/** Whether the UDP port of the overlay can be reached, for pairs of hosts between which no ping of the overlay was answered. */
import type { PingObservation, TunnelPortObservation } from '../../checks/model/observation.ts'
import type { Absence } from '../../checks/model/snapshot.ts'
import { type CommandRecord, commandRecord } from '../collect/collect.ts'
import { oneLine } from '../collect/section/absence.ts'
import { frameToken } from '../collect/section/frames.ts'
import type { CommandResult, Runner } from '../hosts/command/runner.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import type { HostTarget } from '../inventory/inventory.ts'
import { pool } from '../pool.ts'
import { jobsTold, type ToldJob, unrunProblem } from './jobs/script-jobs.ts'
import type { PlannedPort } from './plan.ts'
import type { SendSettings } from './send.ts'
import { parsePort, portCommand, portPatience, portScript } from './tunnel-port-script.ts'

type Reading = Pick<TunnelPortObservation, 'state' | 'error' | 'problem'>

interface Asked {
  readonly observations: readonly TunnelPortObservation[]
  readonly commands: readonly CommandRecord[]
}

function pairKey(a: string, b: string): string {
  return JSON.stringify([a, b].sort())
}

/** The ports of pairs whose pings prove nothing: an answered one went through the port of either host. */
export function unprovenPorts(
  ports: readonly PlannedPort[],
  pings: readonly PingObservation[],
): readonly PlannedPort[] {
  const proven = new Set(
    pings
      .filter(({ pattern, received }) => pattern !== 'hu' && received > 0)
      .map(({ from, to }) => pairKey(from.host, to.host)),
  )
  return ports.filter(({ from, to }) => !proven.has(pairKey(from.host, to.host)))
}

function unasked(why: Absence, detail: string): Reading {
  return { problem: { why, detail } }
}

function readingOf({ text, status }: ToldJob = { text: '' }): Reading {
  if (status === undefined) return unasked('timed-out', 'bash was cut off')
  return parsePort(text, status) ?? unasked('unparsable', oneLine(text) || `bash: exit ${status}`)
}

function readingsOf(
  { end, stdout, stderr }: CommandResult,
  token: string,
  count: number,
): readonly Reading[] {
  if ('exit' in end && end.exit === 127) {
    const missing = unasked('not-installed', oneLine(stderr) || 'bash: not found')
    return Array.from({ length: count }, () => missing)
  }
  const told = jobsTold(stdout, token)
  return Array.from({ length: count }, (_, index) => readingOf(told.get(`p${index}`)))
}

/** Asks from one host. Never rejects for the host's sake. */
async function askFrom(runner: Runner, ports: readonly PlannedPort[], signal: AbortSignal): Promise<Asked> {
  const token = frameToken()
  const observed = (readings: readonly Reading[]): readonly TunnelPortObservation[] =>
    ports.map((port, index) => ({
      kind: 'tunnel-port',
      ...port,
      ...readings[index],
      command: portCommand(port),
    }))
  try {
    const stdin = portScript(token, ports)
    const timeoutMs = portPatience(ports.length)
    const argv = ['bash', '-s']
    const result = await runner.run(argv, { stdin, timeoutMs, signal })
    const commands = [commandRecord(runner.host, { ...result, argv })]
    return { observations: observed(readingsOf(result, token, ports.length)), commands }
  } catch (error) {
    const problem = unrunProblem(error)
    return { observations: observed(ports.map(() => ({ problem }))), commands: [] }
  }
}

async function askOf(target: HostTarget, ports: readonly PlannedPort[], signal: AbortSignal): Promise<Asked> {
  const runner = makeRunner(target.name, target.via, target)
  try {
    return await askFrom(runner, ports, signal)
  } finally {
    await runner.close()
  }
}

/**
 * Sends a harmless datagram to each port from the asking host's own network and gives what came back, by
 * asking host. A host without a target is left out.
 */
export async function askPorts(
  ports: readonly PlannedPort[],
  { targets, concurrency, signal }: SendSettings,
): Promise<Asked> {
  const groups = Map.groupBy(ports, ({ from }) => from.host)
  const askers = targets.filter(({ name }) => groups.has(name))
  const asked = await pool(askers, concurrency, (target) =>
    askOf(target, groups.get(target.name) ?? [], signal),
  )
  return {
    observations: asked.flatMap(({ observations }) => observations),
    commands: asked.flatMap(({ commands }) => commands),
  }
}
