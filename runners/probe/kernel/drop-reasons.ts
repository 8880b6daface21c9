/** The kernel's own word on where and why it dropped our probe: a private trace instance on each kernel. */

import type { KernelDrop } from '../../../checks/model/trace-observation.ts'
import type { Runner } from '../../hosts/command/runner.ts'
import { markedArgv } from '../own/guarded-command.ts'
import { removeAtExit, removeProbe } from '../own/leftovers.ts'
import { newProbeToken } from '../own/probe-token.ts'
import { READ_SCRIPT, START_SCRIPT } from './drop-watch-script.ts'
import { parseTrace, reasonNames } from './ftrace-text.ts'
import { ourDrops } from './kernel-drops.ts'

export interface DropReport {
  /** Drops of our probe, in time; those of the machine's other packets are left out. */
  readonly drops: readonly KernelDrop[]
  /** Why the absence of a drop proves nothing; absent when it does. */
  readonly unproven?: string
}

export interface DropWatch {
  /** Why there is none, for the report; absent when it runs. */
  readonly problem?: string
  /** Ends the watch, removes the instance and gives what was dropped. Never rejects. */
  stop(): Promise<DropReport>
}

/** Octets of IPv4 and ICMP header in front of ping's payload. */
const PING_HEADERS = 28
/** What links and tunnels put in front: nothing, Ethernet, flannel-udp without and with it, vxlan without and with it. */
const ENVELOPES = [0, 14, 28, 42, 50, 64] as const

function without(problem: string): DropWatch {
  return { problem, stop: async () => ({ drops: [], unproven: problem }) }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

async function readReport(runner: Runner, token: string, format: string): Promise<DropReport> {
  const result = await runner.run(['sh', '-s', '--', token], { stdin: READ_SCRIPT })
  if (!('exit' in result.end) || result.end.exit !== 0) {
    return { drops: [], unproven: result.stderr.trim() || 'the kernel trace could not be read' }
  }
  const names = reasonNames(format)
  const trace = parseTrace(textOf(result.stdout), names)
  const exact = /^clock tai$/m.test(format)
  const drops = ourDrops(trace, exact)
  if (trace.lost > 0) return { drops, unproven: `the kernel trace lost ${trace.lost} events` }
  if (names.size === 0) return { drops, unproven: 'this kernel names no drop reasons (they came with 5.17)' }
  return { drops }
}

/**
 * Watches for drops of pings with these octets of payload, or of packets as long as they; other packets of that size are taken for ours, so it
 * should be an unusual one, and another for each trace that runs at the same time. tracefs is
 * the kernel's, not a network's: one watch sees every host that shares the kernel. Needs root and tracefs,
 * which is mounted in a place of our own when it is not there. Never rejects: without it, `problem` says why.
 */
export async function startDropWatch(runner: Runner, ...sizes: readonly number[]): Promise<DropWatch> {
  const token = newProbeToken()
  const whole = sizes.map((size) => Math.trunc(size) + PING_HEADERS)
  const lengths = whole.flatMap((length) => ENVELOPES.map((envelope) => String(length + envelope)))
  removeAtExit(runner, token)
  try {
    const argv = markedArgv(token, ['sh', '-s', '--', token, ...lengths])
    const { end, stdout, stderr } = await runner.run(argv, { stdin: START_SCRIPT })
    if ('exit' in end && end.exit === 0) {
      const format = textOf(stdout)
      return {
        stop: async () => {
          const report = await readReport(runner, token, format)
          await removeProbe(runner, token)
          return report
        },
      }
    }
    await removeProbe(runner, token)
    return without(stderr.trim().split('\n').at(-1) || 'tracefs cannot be used here')
  } catch (error) {
    return without(error instanceof Error ? error.message : String(error))
  }
}
