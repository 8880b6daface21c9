/** What a plugin's functions answer, as plain data: whatever else they give is refused. */
import { z } from 'zod'
import { ABSENCES } from '../../checks/model/snapshot.ts'

export const text = z.string('a text').min(1, 'a text')

/** Its rest is what our own checks declare; a step that cannot be filled gives no command. */
export const healStep = z.looseObject({ on: z.union([text, z.object({ only: text })]) })

/** What a check yields, as plain data. */
export const draftsSchema = z.array(
  z.union([
    z.strictObject({ unsure: text }),
    z.strictObject({
      code: text,
      host: text.optional(),
      peer: text.optional(),
      object: z.union([text, z.object({ kind: text, name: z.string() })]).optional(),
      expected: z.string().optional(),
      observed: z.string().optional(),
      data: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
      evidence: z
        .array(
          z.object({
            source: z.object({ host: z.string(), section: z.string(), command: z.string() }),
            excerpt: z.string(),
          }),
        )
        .optional(),
      shownBy: text.optional(),
      effect: z.enum(['loss', 'risk', 'none']).optional(),
      fix: text.optional(),
      heal: z.array(healStep).optional(),
    }),
  ]),
)

/** What a parser gives. */
export const parsedSchema = z.union([
  z.strictObject({ value: z.unknown() }),
  z.strictObject({ problem: z.strictObject({ why: z.enum(ABSENCES), detail: text }) }),
])

const command = z.strictObject({
  on: text,
  argv: z.array(z.string()).min(1),
  mayFail: z.literal(true).optional(),
})
const stepSchema = z.union([
  command,
  z.strictObject({
    flanneld: z.enum(['stop', 'start', 'freeze', 'thaw']),
    of: text,
    words: z.array(z.string()).optional(),
  }),
  z.strictObject({
    etcd: z.enum(['put', 'delete']),
    key: text,
    value: z.string().optional(),
    ttlSeconds: z.number().optional(),
    api: z.enum(['v2', 'v3']).optional(),
  }),
  z.strictObject({ until: command, shows: z.string().optional(), lacks: z.string().optional() }),
])

/** What a fault does. */
export const faultStepsSchema = z.strictObject({
  inject: z.array(stepSchema),
  heal: z.array(stepSchema),
  settle: z.array(stepSchema),
})
