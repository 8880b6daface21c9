/**
 * Whether a name can be resolved in time. Node resolves names in a thread that nothing can stop: with a DNS server that
 * never answers the process could not even exit. `getent` asks the same way, by nsswitch.conf, and can be killed.
 */
import { isIP } from 'node:net'
import { RunnerError } from '../hosts/command/runner.ts'
import { run } from '../hosts/command/spawn.ts'

export interface Patience {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** False when the name was not resolved in time; true also where nobody can tell beforehand. Never rejects. */
export async function resolvesInTime(hostname: string, { timeoutMs, signal }: Patience): Promise<boolean> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) !== 0 || bare === 'localhost') return true
  try {
    const { end } = await run(['getent', 'ahosts', '--', bare], { timeoutMs, signal, maxBytes: 65_536 })
    return !('timedOut' in end || 'cancelled' in end)
  } catch (error) {
    if (error instanceof RunnerError) return true // without glibc there is no getent
    throw error
  }
}
