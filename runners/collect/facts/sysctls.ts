/**
 * Kernel settings that decide about forwarding, reverse path filtering, ARP and table sizes.
 * A link's name stands as it is (`net.ipv4.conf.flannel.1.rp_filter`): the last dot parts
 * it from the key.
 */
import type { Sysctls } from '../../../checks/model/sysctl.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector } from '../section/section.ts'

/** Besides these, forwarding, rp_filter, arp_ignore and arp_filter of `all`, `default` and every link, proxy_arp where it is on, mcast_solicit where it is 0, and ip_default_ttl where it is unusual. */
const NAMES = [
  'net/ipv4/ip_forward',
  'net/ipv4/icmp_echo_ignore_all',
  'net/ipv4/neigh/default/gc_thresh1',
  'net/ipv4/neigh/default/gc_thresh2',
  'net/ipv4/neigh/default/gc_thresh3',
  'net/bridge/bridge-nf-call-iptables',
  'net/netfilter/nf_conntrack_max',
  'net/netfilter/nf_conntrack_count',
]

/**
 * One grep prints every file with its name. The shell cannot read them itself: it reads
 * byte by byte, and the kernel answers only the first read of such a file (`proc_dointvec`).
 * What a kernel lacks is left out.
 */
const SCRIPT = `cd /proc/sys || exit
grep -s '' ${NAMES.join(' ')} net/ipv4/conf/*/forwarding net/ipv4/conf/*/rp_filter net/ipv4/conf/*/arp_ignore net/ipv4/conf/*/arp_filter
grep -s -H -x 1 net/ipv4/conf/*/proxy_arp
grep -s -H -x 0 net/ipv4/neigh/*/mcast_solicit
grep -s -H -v -x 64 net/ipv4/ip_default_ttl
exit 0`

/** Settings from lines of grep or sysctl; throws Error on others. */
export function sysctlsFrom(text: string): Sysctls {
  return new Map(
    textLines(text).map((line) => {
      const [, name = '', value = ''] = /^([^\s=:]+)(?:\s*=\s*|:)(.*)$/.exec(line) ?? []
      if (name === '') throw new Error(`not a kernel setting: ${line.slice(0, 80)}`)
      return [name.replaceAll('/', '.'), value.trim()]
    }),
  )
}

export const sysctls: FactCollector<'sysctls'> = {
  fact: 'sysctls',
  command:
    'sysctl -ar "^net.(ipv4.(ip_forward$|conf.*(forwarding|rp_filter|arp_ignore|arp_filter|proxy_arp)|neigh.(default.gc_thresh|.*mcast_solicit)|ip_default_ttl|icmp_echo_ignore_all)|bridge|netfilter.nf_conntrack_(max|count))"',
  script: () => SCRIPT,
  parse: ({ stdout }) => ({ value: sysctlsFrom(stdout) }),
}
