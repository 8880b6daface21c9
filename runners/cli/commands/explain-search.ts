/** `explain` of what is no check and no clause: a profile, a fault, or words that stand for what a user sees. */
import type { Check } from '../../../checks/check.ts'
import type { LoadedFault } from '../../plugins/loaded-plugins.ts'
import type { CommandOutput } from '../options/output.ts'

/** A page of text, or undefined where the name is none of that kind. */
type Explained = CommandOutput | undefined

function page(lines: readonly string[]): CommandOutput {
  return { stdout: `${lines.join('\n')}\n`, exit: 0 }
}

/** What a profile claims, clause by clause. */
async function explainProfile(name: string): Promise<Explained> {
  const { PROFILE_SAYS } = await import('../../../checks/clauses/profiles.ts')
  const found = Object.entries(PROFILE_SAYS).find(([profile]) => profile === name)
  if (found === undefined) return undefined
  const { CLAUSES } = await import('../../../checks/clauses/registry.ts')
  const clauses = CLAUSES.filter(({ profiles }) => profiles.some((profile) => profile === name))
  return page([
    `${name}  profile`,
    '',
    found[1],
    '',
    ...clauses.map(({ id, level, says }) => `${id}  ${level}  ${says}`),
  ])
}

/** What a fault of `lab inject` does, and what is to be found. */
async function explainFault(name: string, ofPlugins: readonly LoadedFault[]): Promise<Explained> {
  const { FAULTS } = await import('../../../fixtures/all-faults.ts')
  const ours = FAULTS.map(({ expect: { cause }, ...fault }) => ({ ...fault, cause }))
  const fault = [...ours, ...ofPlugins].find(({ id }) => id === name)
  if (fault === undefined) return undefined
  const { cause } = fault
  return page([
    `${fault.id}  fault`,
    '',
    fault.title,
    '',
    `backends  ${fault.backends.join(', ')}`,
    `found as  ${typeof cause === 'string' ? cause : cause.join(' or ')}`,
    `try it    flannel-doctor lab up --backend ${fault.backends[0]} && flannel-doctor lab inject ${fault.id}`,
  ])
}

const SHORTEST_WORD = 3
const MOST_FOUND = 12

/** The sentence of a finding without what a case of it fills in. */
const outline = (says: string): string => says.replace(/(?:[:;,]? \{\w+\})+$/, '').replaceAll(/\{\w+\}/g, '…')

/**
 * Codes whose check, title or wording has every one of the words, or the beginning of it (`lost`, `pings`); first those
 * that have them all in their names.
 */
function findCodes(words: readonly string[], checks: readonly Check[]): readonly string[] {
  const hasAll = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word))
  const found = checks.flatMap(({ id, title, findings }) =>
    Object.entries(findings as Check['findings']).flatMap(([code, { says }]) => {
      const name = `${id}:${code}`
      return hasAll(`${name} ${title} ${says}`) ? [{ name, line: `${name}  ${outline(says)}` }] : []
    }),
  )
  return found.toSorted((a, b) => Number(hasAll(b.name)) - Number(hasAll(a.name))).map(({ line }) => line)
}

function searchChecks(name: string, checks: readonly Check[]): Explained {
  const words = name
    .toLowerCase()
    .split(/\s+/)
    .map((word) => word.replace(/(?<=.{3})s$/, ''))
    .filter((word) => word.length >= SHORTEST_WORD)
  const found = words.length === 0 ? [] : findCodes(words, checks)
  if (found.length === 0) return undefined
  const more = found.length > MOST_FOUND ? [`… and ${found.length - MOST_FOUND} more`] : []
  return page([
    `findings about "${words.join(' ')}" (explain one of them for its page)`,
    '',
    ...found.slice(0, MOST_FOUND),
    ...more,
  ])
}

/** The page of a profile or a fault, or the findings that some words are about; undefined where there is none. */
export async function explainSearch(
  name: string,
  checks: readonly Check[],
  faults: readonly LoadedFault[],
): Promise<Explained> {
  return (await explainProfile(name)) ?? (await explainFault(name, faults)) ?? searchChecks(name, checks)
}
