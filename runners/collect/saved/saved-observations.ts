/** Observations of a saved state, checked: the file may have been edited by hand. */
import { z } from 'zod'
import type { Observation } from '../../../checks/model/observation.ts'
import {
  CONNECTION_PROTOCOLS,
  CONNECTION_STATES,
  PING_PATTERNS,
  PORT_STATES,
} from '../../../checks/model/observation.ts'
import { InputError } from '../../input-error.ts'
import { pingReading, sendProblem } from './saved-ping.ts'
import { savedTrace, savedUntraced } from './saved-traces.ts'

const end = z.object({ host: z.string(), container: z.string().optional(), lease: z.string().optional() })
const count = z.int().nonnegative()

const ping = z.object({
  kind: z.literal('ping'),
  pattern: z.enum(PING_PATTERNS),
  from: end,
  to: end,
  address: z.ipv4(),
  size: count,
  full: z.boolean(),
  ...pingReading,
  command: z.string(),
})

const pathMtu = z.object({
  kind: z.literal('path-mtu'),
  from: end,
  to: end,
  address: z.ipv4(),
  passes: count,
  fails: count,
})

const tunnelPort = z.object({
  kind: z.literal('tunnel-port'),
  from: end,
  to: end,
  address: z.ipv4(),
  port: count.max(65_535),
  state: z.enum(PORT_STATES).optional(),
  error: z.string().optional(),
  problem: sendProblem.optional(),
  command: z.string(),
})

const connection = z.object({
  kind: z.literal('connection'),
  protocol: z.enum(CONNECTION_PROTOCOLS),
  from: end,
  to: end,
  address: z.ipv4(),
  port: count.max(65_535).optional(),
  state: z.enum(CONNECTION_STATES).optional(),
  error: z.string().optional(),
  problem: sendProblem.optional(),
  command: z.string(),
})

const ipv6Ping = z.object({
  kind: z.literal('ipv6-ping'),
  from: end,
  to: end,
  address: z.ipv6(),
  size: count,
  full: z.boolean(),
  ...pingReading,
  command: z.string(),
})

const probePlan = z.object({
  kind: z.literal('probe-plan'),
  pairs: count,
  ofPairs: count,
  leases: z.object({ pinged: count, all: count }).optional(),
  sampledBy: z.string().optional(),
  leftOut: z.array(z.object({ end, reason: z.string() })),
})

const observations = z.array(
  z.discriminatedUnion('kind', [
    ping,
    pathMtu,
    tunnelPort,
    connection,
    ipv6Ping,
    probePlan,
    savedTrace,
    savedUntraced,
  ]),
)

/** The content of an observations.json of `dir`. Throws InputError with the place and what was expected there. */
export function savedObservations(content: unknown, dir: string): readonly Observation[] {
  const parsed = observations.safeParse(content)
  // zod's optional members may be present and undefined; in JSON they are never undefined.
  if (parsed.success) return parsed.data as readonly Observation[]
  const [issue] = parsed.error.issues
  throw new InputError(
    `${dir}/observations.json: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not observations'}`,
  )
}
