/** Options of the library, which JavaScript hands over as they are: a misspelt one would check another network than was meant. */
import { z } from 'zod'
import { printable } from '../../reports/layout/printable.ts'
import { InputError } from '../input-error.ts'
import { nearestName } from '../nearest-name.ts'

const text = z.string('a text')
const texts = z.array(text, 'a list of texts')
const flag = z.boolean('true or false')
const count = z.int('a whole number from 1').min(1, 'a whole number from 1')

const JUDGING = {
  only: texts,
  skip: texts,
  failOn: z.enum(['critical', 'warning', 'info'], 'critical, warning or info'),
  waivers: z.array(z.looseObject({ code: text, reason: text }, 'a waiver'), 'a list of waivers'),
  plugins: texts,
}

const NETWORK = {
  ...JUDGING,
  host: texts,
  inventory: text,
  etcd: text,
  etcdPrefix: text,
  etcdApi: text,
  etcdCa: text,
  etcdCert: text,
  etcdKey: text,
  etcdUser: text,
  kubeconfig: text,
  context: text,
  subnetFile: text,
  fromLeases: text,
  deadlineSeconds: z.number('a number'),
  concurrency: count,
  signal: z.instanceof(AbortSignal, { error: 'an AbortSignal' }),
  environment: z.custom((value) => typeof value === 'object', 'an object'),
  save: text,
  probe: flag,
}

const KNOWN = {
  judging: JUDGING,
  network: NETWORK,
  trace: { ...NETWORK, source: text, target: text, size: count, intrude: flag },
} satisfies Readonly<Record<string, z.ZodRawShape>>

function problem(issue: z.core.$ZodIssue | undefined, known: z.ZodRawShape): string {
  if (issue?.code !== 'unrecognized_keys')
    return `${issue?.path.join('.') || 'options'}: expected ${issue?.message}`
  const [key = ''] = issue.keys
  const near = nearestName(key, Object.keys(known))
  return `${printable(key, 40)}: unknown option; ${near === undefined ? `known are ${Object.keys(known).join(', ')}` : `did you mean ${near}?`}`
}

/** Throws InputError for an option that is not known, or is none of its kind. */
export function verifyOptions(options: object, of: keyof typeof KNOWN): void {
  const known: z.ZodRawShape = KNOWN[of]
  const { error } = z.strictObject(known, 'an object').partial().safeParse(options)
  if (error !== undefined) throw new InputError(problem(error.issues[0], known))
}
