/** `list`: what there is, as text or JSON. */
import { printableJson } from '../../../reports/layout/printable.ts'
import { REPORTERS } from '../../../reports/registry.ts'
import { InputError } from '../../input-error.ts'
import type { LoadedPlugins } from '../../plugins/loaded-plugins.ts'
import type { ListFlags } from '../options/flags.ts'
import { renderedAs } from '../options/named-format.ts'
import type { CommandOutput } from '../options/output.ts'
import { wholePluginsOf } from '../options/plugin-flags.ts'

interface Row {
  readonly name: string
  readonly about: string
}

async function checkRows(plugins: LoadedPlugins): Promise<readonly (Row & { codes: readonly unknown[] })[]> {
  const { CHECKS } = await import('../../../checks/registry.ts')
  return [...CHECKS, ...plugins.checks].map(({ id, title, findings, scope, backends, needs }) => ({
    name: id,
    about: title,
    scope,
    backends,
    needs,
    codes: Object.entries(findings as Record<string, { severity: string; says: string }>).map(
      ([code, { severity, says }]) => ({ code: `${id}:${code}`, severity, says }),
    ),
  }))
}

async function faultRows({ faults }: LoadedPlugins): Promise<readonly Row[]> {
  const { FAULTS } = await import('../../../fixtures/all-faults.ts')
  const { KNOWN_FAILURES } = await import('../../../fixtures/known-failures.ts')
  const ours = FAULTS.map(({ id, title, backends, catalogue, expect }) => ({
    name: id,
    about: title,
    backends,
    catalogue,
    standsFor: catalogue.map((known) => KNOWN_FAILURES[known]),
    expected: expect.cause,
  }))
  const others = faults.map(({ id, title, backends, cause }) => ({
    name: id,
    about: title,
    backends,
    expected: cause,
  }))
  return [...ours, ...others]
}

async function clauseRows({ clauses }: LoadedPlugins): Promise<readonly Row[]> {
  const { CLAUSES } = await import('../../../checks/clauses/registry.ts')
  return [...CLAUSES, ...clauses].map(({ id, says, ...rest }) => ({
    name: id,
    about: `${rest.level}: ${says}`,
    ...rest,
  }))
}

async function profileRows({ clauses }: LoadedPlugins): Promise<readonly Row[]> {
  const { PROFILE_SAYS, pluginProfileSays } = await import('../../../checks/clauses/profiles.ts')
  const ofPlugins = new Set(clauses.flatMap(({ profiles }) => profiles))
  const others = [...ofPlugins].map((name) => ({ name, about: pluginProfileSays(name) }))
  return [...Object.entries(PROFILE_SAYS).map(([name, about]) => ({ name, about })), ...others]
}

const LISTS: Readonly<Record<string, (plugins: LoadedPlugins) => Promise<readonly Row[]>>> = {
  checks: checkRows,
  clauses: clauseRows,
  profiles: profileRows,
  faults: faultRows,
  reporters: async (plugins) =>
    Object.entries({ ...REPORTERS, ...plugins.reporters }).map(([name, { about }]) => ({ name, about })),
}

/** What can be listed. */
export const LISTED: readonly string[] = Object.keys(LISTS)

function asText(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.flatMap((row) => {
    const codes = 'codes' in row ? (row.codes as { code: string; severity: string }[]) : []
    return [
      `${row.name.padEnd(width)}  ${row.about}`,
      ...codes.map(({ code, severity }) => `${''.padEnd(width)}    ${code} (${severity})`),
    ]
  })
  return `${lines.join('\n')}\n`
}

/** Lists checks, clauses, profiles, faults or reporters. Throws InputError for another word or format. */
export async function list(what: string, { format, ...flags }: ListFlags): Promise<CommandOutput> {
  const plugins = await wholePluginsOf(flags)
  const rows = Object.hasOwn(LISTS, what) ? await LISTS[what]?.(plugins) : undefined
  if (rows === undefined) {
    throw new InputError(`list ${what}: expected one of ${Object.keys(LISTS).join(', ')}`)
  }
  const texts = { text: () => asText(rows), json: () => printableJson(rows) }
  return { ...renderedAs(texts, format), exit: 0 }
}
