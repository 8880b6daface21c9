/** Rules of the iptables tool in use: `iptables-save -c`. */
import type { FactCollector } from '../section/section.ts'
import { parseIptablesSave } from './iptables-save.ts'

export const iptables: FactCollector<'iptables'> = {
  fact: 'iptables',
  command: 'iptables-save -c',
  script: () => 'iptables-save -c',
  parse: ({ stdout }) => ({ value: parseIptablesSave(stdout) }),
}
