/** What ping said, as a saved state has it. */
import { z } from 'zod'
import { ABSENCES } from '../../../checks/model/snapshot.ts'

const count = z.int().nonnegative()
const absence = z.enum(ABSENCES)
const errorKind = z.enum(['unreachable', 'too-long', 'ttl-exceeded', 'filtered', 'not-permitted', 'other'])

/** Why nothing could be sent. */
export const sendProblem = z.object({ why: absence, detail: z.string() })

/** The measured part of a ping. */
export const pingReading = {
  sent: count,
  received: count,
  rttMs: z.object({ min: z.number(), avg: z.number(), max: z.number() }).optional(),
  ttl: count.max(255).optional(),
  duplicates: count.optional(),
  error: z
    .object({ kind: errorKind, text: z.string(), by: z.string().optional(), mtu: count.optional() })
    .optional(),
  problem: sendProblem.optional(),
}
