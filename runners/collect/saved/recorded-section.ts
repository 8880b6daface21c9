/** Sections for tests of parsers: from a state of fixtures/states, or around a given text. */
import { fileURLToPath } from 'node:url'
import type { HostFactName, HostFacts } from '../../../checks/model/snapshot.ts'
import type { FactCollector, Section } from '../section/section.ts'
import { loadState } from './saved-state.ts'

const STATES = fileURLToPath(new URL('../../../fixtures/states/', import.meta.url))

/** A section whose command ended well with `stdout`. */
export function sectionOf(name: HostFactName, stdout: string): Section {
  return { name, command: '', stdout, stderr: '', end: { exit: 0 }, ms: 0 }
}

/** The text of a recorded section. Throws Error when the state does not hold it. */
export function recordedText(state: string, host: string, fact: HostFactName): string {
  const section = loadState(`${STATES}${state}`)
    .hosts.find(({ name }) => name === host)
    ?.sections.find(({ name }) => name === fact)
  if (section === undefined) throw new Error(`state ${state} holds no section ${fact} of ${host}`)
  return section.stdout
}

/** The parsed value of a text. Throws Error when the parser finds a problem. */
export function parsedValue<K extends HostFactName>(
  collector: FactCollector<K>,
  stdout: string,
): HostFacts[K] {
  const parsed = collector.parse(sectionOf(collector.fact, stdout))
  if ('problem' in parsed) throw new Error(`${parsed.problem.why}: ${parsed.problem.detail}`)
  return parsed.value
}
