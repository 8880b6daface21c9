/**
 * The rule that dropped our probe (`--intrude`): a table of our own marks exactly the probe for tracing
 * (nft(8), `meta nftrace`), and the kernel reports every rule it meets. Only nftables and iptables-nft are
 * traced; rules of iptables-legacy are not.
 */

import type { RuleDrop } from '../../../checks/model/trace-observation.ts'
import type { Runner, RunningCommand } from '../../hosts/command/runner.ts'
import { poll } from '../../poll.ts'
import type { TunnelPorts } from '../capture/decoding.ts'
import {
  identityOptions,
  newProbeIdentity,
  type ProbeIdentity,
  type SentPacket,
} from '../capture/probe-identity.ts'
import { guardedArgv, markedArgv } from '../own/guarded-command.ts'
import { removeAtExit, removeProbe } from '../own/leftovers.ts'
import { NAME_PREFIX, newProbeToken } from '../own/probe-token.ts'
import { traceTableScript } from './rule-trace-table.ts'
import { parseRuleStep, type RuleStep, ruleDrops } from './rule-trace-text.ts'

/** The packets to trace: a ping and its answer. */
export interface TracedProbe {
  readonly id: ProbeIdentity['id']
  /** IPv4 addresses. The sender's is not matched: masquerading changes it on the way. */
  readonly to: string
  readonly ports: TunnelPorts
  /** What is sent in place of pings. */
  readonly packet?: SentPacket
}

export interface RuleTraceReport {
  readonly drops: readonly RuleDrop[]
  readonly steps: readonly RuleStep[]
  /** Why no drop here proves nothing; absent when it does prove that no traced rule dropped it. */
  readonly unproven?: string
}

export interface RuleTrace {
  /** Why there is none; absent when it runs. */
  readonly problem?: string
  /** Ends the trace, removes the table and gives what was traced. Never rejects. */
  stop(): Promise<RuleTraceReport>
}

const LONGEST_WAIT_MS = 2000
const POLL_MS = 5
/** A probe meets some hundred rules at most (kube-proxy); a loop must not fill memory. */
const MOST_STEPS = 5000

function without(problem: string): RuleTrace {
  return { problem, stop: async () => ({ drops: [], steps: [], unproven: problem }) }
}

async function readSteps(command: RunningCommand, take: (step: RuleStep) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of command.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = (lines.pop() ?? '').slice(-10_000)
    for (const line of lines) {
      const step = parseRuleStep(line)
      if (step !== undefined) take(step)
    }
  }
}

/** Pings this host itself until the monitor shows it: what comes later is then shown as well. */
async function monitorWorks(runner: Runner, control: ProbeIdentity, seen: () => boolean): Promise<boolean> {
  const ping = ['ping', '-n', '-q', '-c', '1', '-W', '1', ...identityOptions(control), '--', '127.0.0.1']
  const isSeen = () => seen() || undefined
  const shown = await poll(
    async () => {
      await runner.run(ping)
      return poll(isSeen, { deadline: performance.now() + 10 * POLL_MS, pauseMs: POLL_MS })
    },
    { deadline: performance.now() + LONGEST_WAIT_MS, pauseMs: 0 },
  )
  return shown === true
}

interface Tracing {
  readonly runner: Runner
  readonly token: string
  readonly control: ProbeIdentity
  readonly ports: TunnelPorts
}

async function openMonitor(
  { runner, token, control, ports }: Tracing,
  signal?: AbortSignal,
): Promise<RuleTrace> {
  const steps: RuleStep[] = []
  let controls = 0
  const monitor = await runner.open(guardedArgv(token, ['nft', 'monitor', 'trace']), signal ? { signal } : {})
  const read = readSteps(monitor, (step) => {
    if (step.what === 'packet' && step.text.includes(`icmp id ${control.id} `)) controls++
    else if (steps.length < MOST_STEPS) steps.push(step)
  })
  const works = await monitorWorks(runner, control, () => controls > 0)
  return {
    stop: async () => {
      const seenBefore = controls
      const still = works && (await monitorWorks(runner, control, () => controls > seenBefore))
      await monitor.stop()
      await read
      await removeProbe(runner, token)
      const own = `${NAME_PREFIX}${token}`
      const theirs = steps.filter(({ table, what }) => table !== own || what === 'packet')
      const unproven = still ? {} : { unproven: 'the rule trace did not show its control packet' }
      return { drops: ruleDrops(theirs, [...ports.vxlan, ...ports.udp]), steps: theirs, ...unproven }
    },
  }
}

/**
 * Traces the probe through the rules of one network (a host's, or a container's). Resolves when a control packet
 * was traced. Needs root and nft. Never rejects: without it, `problem` says why. Adds an nft table, nothing else.
 */
export async function startRuleTrace(
  runner: Runner,
  probe: TracedProbe,
  signal?: AbortSignal,
): Promise<RuleTrace> {
  const [token, control] = [newProbeToken(), newProbeIdentity()]
  removeAtExit(runner, token)
  try {
    const script = traceTableScript(token, probe, control.id)
    const { end, stderr } = await runner.run(markedArgv(token, ['sh', '-s']), {
      stdin: script,
    })
    if ('exit' in end && end.exit === 0)
      return await openMonitor({ runner, token, control, ports: probe.ports }, signal)
    await removeProbe(runner, token)
    return without(stderr.trim().split('\n')[0] || 'nft cannot be used here')
  } catch (error) {
    return without(error instanceof Error ? error.message : String(error))
  }
}
