/** Rules for IPv6 that only the legacy tool sees: `ip6tables-legacy-save -c`, asked as that of IPv4 is. */
import type { FactCollector } from '../section/section.ts'
import { legacyScript } from './iptables-legacy.ts'
import { parseIptablesSave } from './iptables-save.ts'

export const ip6tablesLegacy: FactCollector<'ip6tablesLegacy'> = {
  fact: 'ip6tablesLegacy',
  command: 'ip6tables-legacy-save -c',
  isRecent: true,
  script: () => legacyScript('ip6_tables_names', 'ip6tables-legacy-save'),
  parse: ({ stdout }) => ({ value: { ...parseIptablesSave(stdout), variant: 'legacy' } }),
}
