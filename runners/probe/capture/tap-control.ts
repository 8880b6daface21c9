/**
 * The proof that a tap sees: a ping of its own that must pass the tapped link. It leaves by that very link
 * (`-I`) to the group of all hosts with TTL 1 (RFC 1112), so it needs neither route nor neighbour nor FDB
 * entry, no router passes it on and Linux does not answer it (icmp_echo_ignore_broadcasts). A tap shows
 * what a link sends before the link's driver can refuse it.
 */

import type { RunningCommand } from '../../hosts/command/runner.ts'
import { poll } from '../../poll.ts'
import { identityOptions, LEAST_PING_SIZE, type ProbeIdentity } from './probe-identity.ts'
import type { Tap } from './tap.ts'

const ALL_HOSTS = '224.0.0.1'
/** Packets come to a tap within a few milliseconds; a busy machine takes longer to start ten pings. */
const LONGEST_WAIT_MS = 500
const POLL_MS = 2
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/

function controlArgv({ point }: Tap, control: ProbeIdentity): readonly string[] {
  const target = point.control ?? ALL_HOSTS
  if (!IPV4.test(target)) throw new TypeError(`${target} is not an IPv4 address`)
  const options = ['-n', '-q', '-c', '1', '-t', '1', '-W', '1', '-s', String(LEAST_PING_SIZE)]
  return ['ping', ...options, '-I', point.link, ...identityOptions(control), '--', target]
}

async function openPing(tap: Tap, control: ProbeIdentity): Promise<RunningCommand | undefined> {
  try {
    return await tap.point.runner.open(controlArgv(tap, control))
  } catch {
    return undefined // no ping: the control stays unseen, which says all there is to say
  }
}

/** Sends one control past a tap; true when the tap has seen it. */
export async function controlSeen(tap: Tap, control: ProbeIdentity): Promise<boolean> {
  const ping = await openPing(tap, control)
  if (ping === undefined) return false
  const isSeen = () => tap.log.controls.has(control.id) || undefined
  const seen = await poll(isSeen, { deadline: performance.now() + LONGEST_WAIT_MS, pauseMs: POLL_MS })
  await ping.stop(0)
  return seen === true
}
