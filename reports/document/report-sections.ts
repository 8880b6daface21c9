/** Whole sections behind the causes, as the hosts printed them; bounded, since a saved state has them all. */
import type { Cause } from '../../checks/diagnosis/diagnose.ts'
import type { ClusterSnapshot, HostFactName } from '../../checks/model/snapshot.ts'

export interface ReportSection {
  readonly host: string
  readonly fact: string
  readonly command: string
  readonly text: string
  /** Characters that are left out at the end. */
  readonly cut?: number
}

const MOST_SECTIONS = 40
const MOST_CHARACTERS = 16_384

/** Those of the first causes first, each once. */
export function reportSections(
  { hosts }: ClusterSnapshot,
  causes: readonly Cause[],
): readonly ReportSection[] {
  const sources = causes.flatMap(({ finding }) => finding.evidence.map(({ source }) => source))
  const unique = new Map(sources.map((source) => [`${source.host}\0${source.section}`, source]))
  const sections: ReportSection[] = []
  for (const { host, section } of unique.values()) {
    if (sections.length === MOST_SECTIONS) break
    const fact = hosts.get(host)?.facts[section as HostFactName]
    if (!fact?.known) continue
    const text = fact.raw?.() ?? ''
    if (text.trim() === '') continue
    const cut = text.length - MOST_CHARACTERS
    const shown = { host, fact: section, command: fact.from.command, text: text.slice(0, MOST_CHARACTERS) }
    sections.push({ ...shown, ...(cut > 0 && { cut }) })
  }
  return sections
}
