/** The line that shows the rule by which a packet is lost. */
import type { Evidence } from '../../check.ts'
import type { HostFilters } from './host-filters.ts'
import type { LosingRule } from './verdict.ts'

/** `inet own/in handle 3: ip protocol icmp drop`; rules of iptables have no handle. Empty where its tool is not known. */
export function ruleEvidence(
  { world, chain = '', by = '', handle }: Partial<LosingRule>,
  { sources }: Pick<HostFilters, 'sources'>,
): readonly Evidence[] {
  const source = world === undefined ? undefined : sources[world]
  const place = world === 'nft' && handle !== undefined ? `${chain} handle ${handle}` : chain
  return source === undefined ? [] : [{ source, excerpt: `${place}: ${by}` }]
}
