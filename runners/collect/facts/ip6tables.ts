/** Rules for IPv6 of the iptables tool in use: `ip6tables-save -c`; not asked where no address is one of the whole network. */
import type { FactCollector } from '../section/section.ts'
import { parseIptablesSave } from './iptables-save.ts'

export const ip6tables: FactCollector<'ip6tables'> = {
  fact: 'ip6tables',
  command: 'ip6tables-save -c',
  isRecent: true,
  // A scope of 0 in if_inet6 is that of the whole network (Linux net/ipv6/addrconf.c, if6_seq_show).
  script: () => `[ -r /proc/net/if_inet6 ] || exit 0
used=
while read -r address index length scope rest; do [ "$scope" != 00 ] || used=1; done </proc/net/if_inet6
[ -n "$used" ] || exit 0
ip6tables-save -c`,
  parse: ({ stdout }) => ({ value: parseIptablesSave(stdout) }),
}
