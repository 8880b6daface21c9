/** `explain NAME`, offline: the page of a check, for a code its wording and what it causes first, the text of a clause. */
import { readFile } from 'node:fs/promises'
import type { Check } from '../../../checks/check.ts'
import { printable } from '../../../reports/layout/printable.ts'
import { InputError } from '../../input-error.ts'
import type { LoadedPlugins } from '../../plugins/loaded-plugins.ts'
import type { PluginFlags } from '../options/flags.ts'
import type { CommandOutput } from '../options/output.ts'
import { wholePluginsOf } from '../options/plugin-flags.ts'

const LONGEST_LINE = 10_000
const ROOT = new URL('../../../', import.meta.url)

function codeSummary(check: Check, code: string): string {
  const kind = check.findings[code as keyof typeof check.findings] as Check['findings'][string]
  const symptoms = (kind.explains ?? []).map((edge) => `  ${edge.code} (${edge.when})`)
  return [
    `${check.id}:${code}  (${kind.severity}, ${kind.confidence})`,
    '',
    `says  ${kind.says}`,
    `fix   ${kind.fix}`,
    ...(symptoms.length > 0 ? ['', 'explains', ...symptoms] : []),
    '',
    '',
  ].join('\n')
}

/** The page of a plugin is somebody else's text. */
async function pageOf({ id }: Check, { pages }: LoadedPlugins): Promise<string> {
  const page = pages.get(id)
  if (page === undefined) return readFile(new URL(`checks/${id}.md`, ROOT), 'utf8')
  return page.replaceAll(/[^\n]+/g, (line) => printable(line, LONGEST_LINE))
}

async function explainCheck(
  check: Check,
  code: string | undefined,
  plugins: LoadedPlugins,
): Promise<CommandOutput> {
  const page = await pageOf(check, plugins)
  return { stdout: (code === undefined ? '' : codeSummary(check, code)) + page, exit: 0 }
}

function unknownName(name: string, check: Check | undefined, checks: readonly Check[]): InputError {
  const [id = ''] = name.split(':')
  const known = check
    ? `its codes: ${Object.keys(check.findings).join(', ')}`
    : `checks about it: ${similar(id, checks).join(', ') || 'none'}`
  return new InputError(
    `explain ${name}: no such check or code; ${known} (see: flannel-doctor list checks; those of a plugin need --plugin or --config)`,
  )
}

/**
 * Finds the page of a check id, finding code, clause, profile or fault, or the findings that some words are about.
 * Throws InputError when there is none.
 */
export async function explain(asked: string, flags: PluginFlags = {}): Promise<CommandOutput> {
  const { CHECKS } = await import('../../../checks/registry.ts')
  const plugins = await wholePluginsOf(flags)
  const checks = [...CHECKS, ...plugins.checks]
  if (/^FL-/i.test(asked) || plugins.clauses.some(({ id }) => id === asked.toUpperCase())) {
    const { explainClause } = await import('./explain-clause.ts')
    return explainClause(asked.toUpperCase(), checks, plugins.clauses)
  }
  // Names of checks, codes, profiles and faults have small letters only.
  const name = asked.trim().toLowerCase()
  const [id = '', code] = name.split(':')
  const check = checks.find((candidate) => candidate.id === id)
  if (check === undefined) {
    const { explainSearch } = await import('./explain-search.ts')
    const explained = await explainSearch(name, checks, plugins.faults)
    if (explained !== undefined) return explained
  } else if (code === undefined || Object.hasOwn(check.findings, code))
    return explainCheck(check, code, plugins)
  throw unknownName(asked, check, checks)
}

function similar(id: string, checks: readonly Check[]): string[] {
  const words = id.split(/[/-]/).filter((word) => word.length > 2)
  return checks.map((check) => check.id).filter((known) => words.some((word) => known.includes(word)))
}
