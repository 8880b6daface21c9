/**
 * Rules that only the legacy tool sees: `iptables-legacy-save -c`. The kernel lists the
 * legacy tables in use in /proc/net/ip_tables_names; where there is none the tool is not
 * run, because running it could load modules.
 */
import type { FactCollector } from '../section/section.ts'
import { parseIptablesSave } from './iptables-save.ts'

/** The script for one family: the kernel's list of tables, and the tool that prints them. */
export function legacyScript(list: 'ip_tables_names' | 'ip6_tables_names', tool: string): string {
  return `[ -e /proc/net/${list} ] || exit 0
read -r table </proc/net/${list} || [ -n "$table" ] || { [ -r /proc/net/${list} ]; exit; }
${tool} -c`
}

export const iptablesLegacy: FactCollector<'iptablesLegacy'> = {
  fact: 'iptablesLegacy',
  command: 'iptables-legacy-save -c',
  script: () => legacyScript('ip_tables_names', 'iptables-legacy-save'),
  parse: ({ stdout }) => ({ value: { ...parseIptablesSave(stdout), variant: 'legacy' } }),
}
