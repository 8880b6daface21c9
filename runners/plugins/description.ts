/** What a plugin says of itself, held against the contract: shapes, names, and what its names refer to. */
import { z } from 'zod'
import { toDotPath } from 'zod/v4/core'
import { LAYERS } from '../../checks/check.ts'
import type { ObservationKind } from '../../checks/model/observation.ts'
import { DATASTORE_FACTS } from '../../checks/model/snapshot.ts'
import { FACT_COLLECTORS } from '../collect/facts/index.ts'
import { healStep, text } from './answers.ts'
import { API_VERSION } from './contract.ts'

const backend = z.enum([
  'vxlan',
  'host-gw',
  'udp',
  'ipip',
  'wireguard',
  'ipsec',
  'alloc',
  'extension',
  'unknown',
])
const backends = z.union([z.literal('any'), z.array(backend)])

const findingKind = z.strictObject({
  severity: z.enum(['critical', 'warning', 'info'], 'critical, warning or info'),
  confidence: z.enum(['certain', 'likely', 'possible'], 'certain, likely or possible'),
  says: text,
  fix: text,
  effect: z.enum(['loss', 'risk', 'none'], 'loss, risk or none').optional(),
  unseenByPings: z.literal(true).optional(),
  heal: z.array(healStep).optional(),
  explains: z
    .array(
      z.strictObject({
        code: text,
        when: z.enum(['same-host', 'same-pair', 'involves-host', 'peer-of', 'anywhere']),
      }),
    )
    .optional(),
})

const OBSERVED = [
  'ping',
  'path-mtu',
  'tunnel-port',
  'connection',
  'ipv6-ping',
  'probe-plan',
  'trace',
  'untraced',
] as const satisfies readonly ObservationKind[]

const checkSchema = z.strictObject({
  id: text,
  scope: z.enum(['host', 'cluster']),
  title: text,
  page: z.union([text, z.strictObject({ file: z.string().startsWith('file:', 'a file URL') })], {
    error: 'Markdown, or the URL of a file with it',
  }),
  backends: backends.default('any'),
  needs: z.array(text, 'a list of facts'),
  observes: z.array(z.enum(OBSERVED), 'a list of observations').optional(),
  needsExpected: z.boolean('true or false').default(false),
  findings: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/, 'a code such as wrong-mac'), findingKind),
})

const factSchema = z.strictObject({
  fact: text,
  command: text,
  script: text.optional(),
  acceptExit: z.array(z.int().min(0).max(255)).default([0]),
})

const clauseSchema = z.strictObject({
  id: text,
  level: z.enum(['MUST', 'SHOULD', 'MAY'], 'MUST, SHOULD or MAY'),
  says: text,
  source: text,
  backends: z.array(backend).optional(),
  codes: z.array(text).min(1, 'the codes that break it'),
  after: text.optional(),
})

const faultSchema = z.strictObject({ id: text, title: text, backends: z.array(backend).min(1), cause: text })

const pluginSchema = z.strictObject({
  apiVersion: z.literal(API_VERSION, `${API_VERSION}, the version this flannel-doctor has`),
  name: z.string('a name').regex(/^[a-z][a-z0-9-]{1,31}$/, 'a name of small letters, digits and hyphens'),
  checks: z.array(checkSchema, 'a list').default([]),
  facts: z.array(factSchema, 'a list').default([]),
  clauses: z.array(clauseSchema, 'a list').default([]),
  faults: z.array(faultSchema, 'a list').default([]),
  reporters: z.array(z.strictObject({ name: text, about: text }), 'a list').default([]),
})

/** A plugin without its functions. */
export type Description = z.infer<typeof pluginSchema>
export type CheckDescription = z.infer<typeof checkSchema>

/** The first thing that zod found, with its place. */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  const place = toDotPath(issue?.path ?? [])
  const expected = issue?.message.startsWith('Invalid') ? issue.message : `expected ${issue?.message}`
  return place === '' ? expected : `${place}: ${expected}`
}

/** Names that no plugin may take: their codes would read as ours. */
const OURS: ReadonlySet<string> = new Set([...LAYERS, 'fl', 'plugin', 'flannel', 'flannel-doctor'])

function* misnamed({ name, checks, facts, clauses, faults, reporters }: Description): Generator<string> {
  const wanted = ([what, form, pattern]: readonly [string, string, RegExp], names: readonly string[]) =>
    names
      .filter((one) => !pattern.test(one))
      .map((one) => `${what} ${one}: expected a name like ${form}, under its own name`)
  const slash = new RegExp(`^${name}/[a-z][a-z0-9-]*$`)
  const dot = new RegExp(`^${name}\\.[A-Za-z][A-Za-z0-9]*$`)
  const area = name.toUpperCase()
  const numbered = new RegExp(`^${area}(-[A-Z]+)?-\\d{2,3}$`)
  const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id)
  const formats = reporters.map((reporter) => reporter.name)
  yield* wanted(['check', `${name}/dns`, slash], ids(checks))
  yield* wanted(['fault', `${name}/dns-gone`, slash], ids(faults))
  yield* wanted(['reporter', `${name}/csv`, slash], formats)
  yield* wanted(
    ['fact', `${name}.dns`, dot],
    facts.map(({ fact }) => fact),
  )
  yield* wanted(['clause', `${area}-DNS-01`, numbered], ids(clauses))
}

function* twice({ checks, facts, clauses, faults, reporters }: Description): Generator<string> {
  const names = [
    checks.map(({ id }) => `check ${id}`),
    facts.map(({ fact }) => `fact ${fact}`),
    clauses.map(({ id }) => `clause ${id}`),
    faults.map(({ id }) => `fault ${id}`),
    reporters.map(({ name }) => `reporter ${name}`),
  ].flat()
  for (const [at, name] of names.entries()) if (names.indexOf(name) < at) yield `${name} is there twice`
}

function* unknownFacts({ checks, facts }: Description): Generator<string> {
  const known = new Set<string>([
    ...DATASTORE_FACTS,
    ...FACT_COLLECTORS.map(({ fact }) => fact),
    ...facts.map(({ fact }) => fact),
  ])
  for (const { id, needs } of checks) {
    for (const need of needs) if (!known.has(need)) yield `check ${id} needs ${need}: there is no such fact`
  }
}

function* unknownActions({ clauses, faults }: Description): Generator<string> {
  for (const { id, after } of clauses)
    if (after !== undefined && !faults.some((fault) => fault.id === after))
      yield `clause ${id} comes after ${after}: the plugin has no such fault`
}

const covers = (pattern: string, code: string): boolean =>
  pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code

/** A finding that explains itself would be shown nowhere. */
function* circular({ checks }: Description): Generator<string> {
  const own = checks.flatMap(({ id, findings }) =>
    Object.entries(findings).map(([code, { explains = [] }]) => ({ code: `${id}:${code}`, explains })),
  )
  const after = (code: string): string[] => {
    const patterns = own.find((one) => one.code === code)?.explains ?? []
    return own.flatMap((one) => (patterns.some((edge) => covers(edge.code, one.code)) ? [one.code] : []))
  }
  for (const { code } of own) {
    const seen = new Set(after(code))
    for (const one of seen) for (const next of after(one)) seen.add(next)
    if (seen.has(code)) yield `${code} explains itself, directly or through others`
  }
}

/** The description where it keeps the contract; throws Error with the first thing that is wrong. */
export function verifiedDescription(value: unknown): Description {
  const parsed = pluginSchema.safeParse(value ?? {})
  if (!parsed.success) throw new Error(firstIssue(parsed.error))
  const { data } = parsed
  if (OURS.has(data.name)) throw new Error(`name ${data.name}: that one is flannel-doctor's own`)
  for (const rule of [misnamed, twice, unknownFacts, unknownActions, circular]) {
    const [problem] = rule(data)
    if (problem !== undefined) throw new Error(problem)
  }
  return data
}
