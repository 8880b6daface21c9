/** What was seen of followed packets, as a saved state has it: the file may have been edited by hand. */
import { z } from 'zod'
import { CONNECTION_PROTOCOLS } from '../../../checks/model/observation.ts'
import { STAGES } from '../../../checks/model/path.ts'
import { PACKET_PARTS, PORT_ANSWERS, RULE_BACKENDS, RUNGS } from '../../../checks/model/trace-observation.ts'
import { pingReading } from './saved-ping.ts'

const count = z.int().nonnegative()
const endpoint = z.object({ host: z.string(), container: z.string().optional(), address: z.ipv4() })

const tap = z.object({
  place: z.object({
    host: z.string(),
    container: z.string().optional(),
    link: z.string(),
    stage: z.enum(STAGES),
  }),
  sightings: z.array(z.object({ part: z.enum(PACKET_PARTS), sequence: count, at: z.number() })),
  unproven: z.string().optional(),
})

const kernelDrop = z.object({
  at: z.number(),
  exact: z.boolean(),
  reason: z.string().optional(),
  location: z.string(),
  hops: z.array(z.object({ link: z.string(), way: z.enum(['sent', 'received']), at: z.number() })),
  normal: z.boolean(),
})

const ruleDrop = z.object({
  family: z.string(),
  table: z.string(),
  chain: z.string(),
  rule: z.string().optional(),
  inputLink: z.string().optional(),
  outputLink: z.string().optional(),
  source: z.string().optional(),
  destination: z.string().optional(),
  tunnelled: z.boolean(),
})

const countedRule = z.object({
  backend: z.enum(RULE_BACKENDS),
  table: z.string(),
  chain: z.string(),
  rule: z.string().optional(),
  target: z.string().optional(),
  packets: count,
})

const delta = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('protocol'), name: z.string(), by: count }),
  z.object({ kind: z.literal('link'), link: z.string(), name: z.string(), by: count }),
  z.object({ kind: z.literal('rule'), rule: countedRule, by: count }),
])

const dropsAt = <D extends z.ZodType>(drop: D) =>
  z.object({ host: z.string(), drops: z.array(drop), unproven: z.string().optional() })

/** A packet that was followed. */
export const savedTrace = z.object({
  kind: z.literal('trace'),
  from: endpoint,
  to: endpoint,
  packet: z
    .object({
      protocol: z.enum(CONNECTION_PROTOCOLS),
      sourcePort: count.max(65_535),
      destinationPort: count.max(65_535),
      answer: z.enum(PORT_ANSWERS).optional(),
    })
    .optional(),
  size: count.max(65_535),
  isLarge: z.literal(true).optional(),
  answered: count.max(65_535).optional(),
  ping: z.object(pingReading),
  fullPing: z.object({ ...pingReading, size: count.max(65_535) }).optional(),
  oneClock: z.boolean(),
  taps: z.array(tap),
  drops: z.array(dropsAt(kernelDrop)),
  rules: z.array(dropsAt(ruleDrop)),
  counters: z.array(z.object({ host: z.string(), deltas: z.array(delta) })),
  missing: z.array(z.object({ rung: z.enum(RUNGS), host: z.string(), reason: z.string() })),
})

/** A packet that was to be followed and could not be. */
export const savedUntraced = z.object({
  kind: z.literal('untraced'),
  source: z.string(),
  target: z.string(),
  reason: z.string(),
})
