/**
 * One host on its way from what it printed to what is judged, live and of a saved state alike. What it printed is not kept
 * while checks run: a finding that needs it as proof has it unpacked, or read, again.
 */
import type { HostSnapshot } from '../../../checks/model/snapshot.ts'
import { type Collected, factsFromSections, withFacts } from '../../collect/collect.ts'
import type { FactCollector, Section } from '../../collect/section/section.ts'
import { InputError } from '../../input-error.ts'
import type { HostTarget } from '../../inventory/inventory.ts'

/** Where what a host printed is to be had again. Throws InputError where it is not. */
export interface Printed {
  readonly sections: readonly Section[]
}

export interface ParsedFrom {
  /** Facts of plugins, behind ours. */
  readonly facts: readonly FactCollector[]
  readonly printed: Printed
}

/** What a section held; nothing where it is gone since. */
function textOf(printed: Printed, name: string): string {
  try {
    return printed.sections.find((section) => section.name === name)?.stdout ?? ''
  } catch (error) {
    if (error instanceof InputError) return ''
    throw error
  }
}

/** The facts of a host, with the way back to the text that each was read from. Never throws. */
export function parsedHost(
  host: Pick<HostTarget, 'name' | 'via'>,
  collected: Pick<Collected, 'sections' | 'problem'>,
  { facts, printed }: ParsedFrom,
): HostSnapshot {
  const parsed = factsFromSections(host, collected.sections, collected.problem)
  const snapshot = withFacts(parsed, collected, facts)
  const again = Object.entries(snapshot.facts).map(([name, fact]) => {
    return [name, fact.raw === undefined ? fact : { ...fact, raw: () => textOf(printed, name) }] as const
  })
  return { ...snapshot, facts: Object.fromEntries(again) as HostSnapshot['facts'] }
}
