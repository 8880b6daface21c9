/** `flannel-doctor.yaml` as a schema: defaults for the flags that the grammar declares, and waivers. */
import type { Option } from 'commander'
import { z } from 'zod'
import { LAYERS } from '../../../checks/check.ts'
import { CHECKS } from '../../../checks/registry.ts'
import { nearestName } from '../../nearest-name.ts'
import { codesOf } from '../../run/judging/selection.ts'

/** Options of each command that takes a configuration file, by the name of the command. */
export type CommandOptions = Readonly<Record<string, readonly Option[]>>

/** Flags of a configuration file, without dashes, to what they are given. */
export type FlagValues = Readonly<Record<string, unknown>>

/** The name under which a file gives an option. */
export function flagName({ long }: Option): string {
  return long?.replace(/^--/, '') ?? ''
}

function takesValue({ required, optional }: Option): boolean {
  return required || optional
}

/** What the option gets of a value, as if it stood on the command line. Throws commander's InvalidArgumentError. */
export function parsedValue(option: Option, value: unknown): unknown {
  if (!takesValue(option)) return value
  const { parseArg } = option
  return [value]
    .flat()
    .map(String)
    .reduce<unknown>((before, text) => (parseArg ? parseArg(text, before) : text), undefined)
}

/** An option that may stand on the command line more than once, or holds several words. */
function isList(option: Option): boolean {
  const one = option.parseArg?.('a', undefined)
  return option.variadic || Array.isArray(one)
}

function isRepeatable(option: Option): boolean {
  try {
    return isList(option)
  } catch {
    return false
  }
}

/** What commander would say to these words. */
function refusal(option: Option, value: unknown): string | undefined {
  const { argChoices } = option
  if (argChoices !== undefined)
    return [value].flat().every((one) => argChoices.includes(String(one))) ? undefined : argChoices.join(', ')
  try {
    parsedValue(option, value)
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/^expected /, '')
  }
}

/** What was expected in place of a value; undefined where it may stand there. */
function expected(option: Option, value: unknown): string | undefined {
  if (!takesValue(option)) return typeof value === 'boolean' ? undefined : 'true or false'
  if (Array.isArray(value) && !isRepeatable(option)) return 'one value'
  const isText = (one: unknown): boolean => typeof one === 'string' || typeof one === 'number'
  const values = [value].flat()
  if (values.length > 0 && values.every(isText)) return refusal(option, value)
  return isRepeatable(option) ? 'a text or a list of texts' : 'a text or a number'
}

function flagsSchema(options: readonly Option[]) {
  const fields = options.map((option) => [
    flagName(option),
    z
      .unknown()
      .superRefine((value, context) => {
        const message = value === undefined ? undefined : expected(option, value)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      })
      .optional(),
  ])
  return z.strictObject(Object.fromEntries(fields), { error: 'a mapping of flags without their dashes' })
}

const CODES = CHECKS.flatMap(codesOf)
const text = (error: string) => z.string({ error }).min(1, { error })

const subjectSchema = z.strictObject(
  {
    host: text('a host name').optional(),
    peer: text('a host name').optional(),
    object: text('a text').optional(),
  },
  { error: 'a mapping with host, peer and object' },
)

/** A code whose layer is not ours: whether its plugin has it is known when that is loaded. */
function isOfPlugin(code: string): boolean {
  const [layer = '', rest] = code.split('/')
  return rest?.includes(':') === true && !(LAYERS as readonly string[]).includes(layer)
}

const waiverSchema = (hasPlugins: boolean) =>
  z.strictObject(
    {
      code: text('a finding code such as fdb/peer-vtep:missing').superRefine((code, context) => {
        if (CODES.includes(code) || (hasPlugins && isOfPlugin(code))) return
        const near = nearestName(code, CODES)
        const hint = near === undefined ? 'list checks names them' : `such as ${near}`
        context.addIssue({ code: 'custom', message: `the code of a finding, ${hint}` })
      }),
      subject: subjectSchema.optional(),
      reason: text('a text that says why'),
      until: z.iso.date({ error: 'a day such as 2026-12-31' }).optional(),
    },
    { error: 'a mapping with code, subject, reason and until' },
  )

function allOptions(commands: CommandOptions): readonly Option[] {
  return [
    ...new Map(Object.values(commands).flatMap((options) => options.map((one) => [one.long, one]))).values(),
  ]
}

/** The schema of a file, for these commands. */
export function configSchema(commands: CommandOptions, hasPlugins: boolean) {
  const perCommand = Object.entries(commands).map(([name, options]) => [
    name,
    flagsSchema(options).optional(),
  ])
  return z.strictObject(
    {
      defaults: flagsSchema(allOptions(commands)).optional(),
      commands: z
        .strictObject(Object.fromEntries(perCommand), { error: 'a mapping of commands to flags' })
        .optional(),
      waivers: z.array(waiverSchema(hasPlugins), { error: 'a list of waivers' }).optional(),
      plugins: z.array(text('a package or a file'), { error: 'a list of packages and files' }).optional(),
    },
    { error: 'a mapping with defaults, commands, plugins or waivers' },
  )
}

/** The keys that each part of a file may have, by the name of the part. */
export function configKeys(commands: CommandOptions): Readonly<Record<string, readonly string[]>> {
  const flags = Object.entries(commands).map(([name, options]) => [name, options.map(flagName)])
  return {
    ...Object.fromEntries(flags),
    '': ['defaults', 'commands', 'plugins', 'waivers'],
    defaults: allOptions(commands).map(flagName),
    commands: Object.keys(commands),
    waivers: Object.keys(waiverSchema(false).shape),
    subject: Object.keys(subjectSchema.shape),
  }
}
