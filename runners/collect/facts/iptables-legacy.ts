/**
 * Rules that only the legacy tool sees: `iptables-legacy-save -c`. The kernel lists the
 * legacy tables in use in /proc/net/ip_tables_names; where there is none the tool is not
 * run, because running it could load modules.
 */
import type { FactCollector } from '../section/section.ts'
import { parseIptablesSave } from './iptables-save.ts'

const SCRIPT = `[ -e /proc/net/ip_tables_names ] || exit 0
read -r table </proc/net/ip_tables_names || [ -n "$table" ] || { [ -r /proc/net/ip_tables_names ]; exit; }
iptables-legacy-save -c`

export const iptablesLegacy: FactCollector<'iptablesLegacy'> = {
  fact: 'iptablesLegacy',
  command: 'iptables-legacy-save -c',
  script: () => SCRIPT,
  parse: ({ stdout }) => ({ value: { ...parseIptablesSave(stdout), variant: 'legacy' } }),
}
