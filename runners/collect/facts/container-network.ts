/**
 * What decides about packets inside a container's network besides its links: routes of every table, policy rules,
 * entries that somebody wrote, settings and packet filters. Everything in it is the container's to write: it is bounded
 * in size, and each kind of line has a mark of its own.
 */
import type { ContainerNetwork } from '../../../checks/model/container-bridge.ts'
import { present } from '../../../checks/model/present.ts'
import type { Xfrm } from '../../../checks/model/xfrm.ts'
import type { Row } from '../section/rows.ts'
import { parseIptablesSave } from './iptables-save.ts'
import { ipv6RoutesFrom } from './ipv6.ts'
import { neighboursFromRows } from './neighbours.ts'
import { nftablesFrom } from './nftables.ts'
import { routesFromRows } from './routes.ts'
import { rulesFromRows } from './rules.ts'
import { sysctlsFrom } from './sysctls.ts'
import { parseXfrm } from './xfrm.ts'

/** Bytes that one container may say. */
export const MOST_BYTES = 512 * 1024

/** Seconds after which the rest of the containers is asked for links, addresses and routes only. */
const MOST_SECONDS = 3

/** IPv4 only: the family of a batch is told by its root. Entries that the kernel learned come and go by themselves. */
const BATCH = String.raw`addr show\nroute show table all root 0.0.0.0/0\nrule show\nneigh show nud permanent\nxfrm policy list\n`

const SETTINGS = [
  'net/ipv4/icmp_echo_ignore_all',
  'net/ipv4/ip_forward',
  'net/ipv4/conf/*/rp_filter',
  'net/ipv4/conf/*/forwarding',
  'net/ipv4/conf/*/arp_ignore',
  'net/ipv4/conf/*/arp_filter',
]

/**
 * Run inside. nft without JSON says so and its text carries the same; iptables-save names the matches that nft cannot
 * print. The legacy tool runs only where the kernel has legacy tables: running it could load modules. IPv6 is asked for
 * where an address is one of the whole network (scope 0 of if_inet6).
 */
export const INSIDE = `printf '${BATCH}' | ip -j -d -force -batch -
echo "exit=$?"
cd /proc/sys && { grep -s '' ${SETTINGS.join(' ')}; grep -s -H -v -x 64 net/ipv4/ip_default_ttl; }
shown=$(nft -j list ruleset 2>/dev/null)
status=$?
saved=
case $status in
  0) printf '%s\\n' "$shown"; case $shown in *'"chain"'*) saved=1 ;; esac ;;
  127) saved=only ;;
  *) shown=$(nft -a list ruleset 2>/dev/null) && printf '%s\\n' "$shown" | sed 's/^/nft=/' || echo 'unread=nft could not list the rules' ;;
esac
if [ -n "$saved" ] && command -v iptables-save >/dev/null; then
  iptables-save -c 2>/dev/null | sed 's/^/saved=/'
elif [ "$saved" = only ]; then
  echo 'unread=neither nft nor iptables-save is installed'
fi
if [ -r /proc/net/ip_tables_names ] && read -r table </proc/net/ip_tables_names; then
  { iptables-legacy-save -c 2>/dev/null || iptables-save -c 2>/dev/null || echo '?'; } | sed 's/^/legacy=/'
fi
six=
while read -r address index length scope rest; do [ "$scope" != 00 ] || six=1; done 2>/dev/null </proc/net/if_inet6
[ -z "$six" ] || ip -6 route show table all 2>/dev/null | sed 's/^/six=/'`

/** Run inside the rest. */
export const BRIEF = String.raw`printf 'addr show\nroute show\n' | ip -j -d -force -batch -
echo 'unread=there was no time to look inside'`

/** Tells once containers have taken their time. */
export const LATE = `read -r began rest </proc/uptime
late() {
  read -r now rest </proc/uptime
  [ "\${now%%.*}" -gt $((\${began%%.*} + ${MOST_SECONDS})) ]
} 2>/dev/null`

/** Lines behind a mark, without it. */
function marked(lines: readonly string[], mark: string): string | undefined {
  const found = lines.flatMap((line) => (line.startsWith(mark) ? [line.slice(mark.length)] : []))
  return found.length === 0 ? undefined : found.join('\n')
}

function rowsWith(lists: readonly (readonly Row[])[], key: string): readonly Row[] {
  return lists.find((rows) => rows.some((row) => key in row)) ?? []
}

/** The rules as far as tools could print them; throws Error on text that is none of theirs. */
function filtersOf(
  lines: readonly string[],
): Pick<ContainerNetwork, 'nftables' | 'iptables' | 'iptablesLegacy'> {
  const native = marked(lines, 'nft=') ?? lines.find((line) => line.startsWith('{'))
  const saved = marked(lines, 'saved=')
  const legacy = marked(lines, 'legacy=')
  return present({
    nftables: native === undefined ? undefined : nftablesFrom(native),
    iptables: saved === undefined ? undefined : parseIptablesSave(saved),
    iptablesLegacy:
      legacy === undefined ? undefined : { ...parseIptablesSave(legacy), variant: 'legacy' as const },
  })
}

/** Lines of `ip xfrm policy list`. How many keys there are is not asked: that there are some is taken for granted. */
function xfrmOf(lines: readonly string[]): Xfrm {
  const parsed = parseXfrm(lines.filter((line) => /^(?:src |\s)/.test(line)).join('\n'))
  return 'value' in parsed ? { ...parsed.value, associations: 1 } : NO_POLICIES
}

/** Its IPv6 routes; absent where it has no IPv6 address to send from. */
function ipv6Of(lines: readonly string[]): Pick<ContainerNetwork, 'ipv6Routes'> {
  const routes = marked(lines, 'six=')
  return routes === undefined ? {} : { ipv6Routes: ipv6RoutesFrom(routes.split('\n')) }
}

const NO_POLICIES: Xfrm = { policies: [], associations: 0 }

const UNREAD = { routes: [], rules: [], neighbours: [], sysctls: new Map(), xfrm: NO_POLICIES } as const

/**
 * A container's network from the lines of its block and the JSON lists among them, but that of its links; undefined in
 * states that were recorded before it was read.
 */
export function containerNetwork(
  lines: readonly string[],
  lists: readonly (readonly Row[])[],
): ContainerNetwork | undefined {
  const unread = marked(lines, 'unread=')
  const rules = rowsWith(lists, 'priority')
  if (rules.length === 0) return unread === undefined ? undefined : { ...UNREAD, unread }
  const settings = lines.filter((line) => line.startsWith('net/ipv4/'))
  return {
    routes: routesFromRows(rowsWith(lists, 'type')),
    rules: rulesFromRows(rules),
    neighbours: neighboursFromRows(rowsWith(lists, 'state')),
    sysctls: sysctlsFrom(settings.join('\n')),
    xfrm: xfrmOf(lines),
    ...ipv6Of(lines),
    ...filtersOf(lines),
    ...present({ unread }),
  }
}
