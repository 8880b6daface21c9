/** The shell lines that enter the network namespaces of a host's containers, one process each. */
import { posixQuote } from '../../hosts/command/quote.ts'
import { oneLine } from '../section/absence.ts'
import type { CollectSettings } from '../section/section.ts'
import { BRIEF, INSIDE, LATE, MOST_BYTES } from './container-network.ts'

/** Containers read on one host; the rest is counted. */
export const MOST_CONTAINERS = 256

/** `enter NAME HOW PID NAMESPACE-FILE`: one process enters a namespace and reads what is in it. */
const ENTER = `left=${MOST_CONTAINERS} more=0
inside=${posixQuote(INSIDE)} brief=${posixQuote(BRIEF)}
${LATE}
enter() {
  if [ "$left" -eq 0 ]; then more=$((more + 1)); return; fi
  left=$((left - 1))
  printf 'container=%s\\nfound=%s\\npid=%s\\nnamespace=%s\\n' "$1" "$2" "$3" "$4"
  read=$inside; ! late || read=$brief
  nsenter --net="$4" sh -c "$read" 2>&1 </dev/null | head -c ${MOST_BYTES}
  echo
}`

/** Docker gives name and pid only; a container in the host's own network is not one of ours. */
const DOCKER = `if [ -n "$DOCKER_SOCKET" ]; then
  ids=$(docker -H "unix://$DOCKER_SOCKET" ps -q --no-trunc) || exit
  if [ -n "$ids" ]; then
    list=$(docker -H "unix://$DOCKER_SOCKET" inspect --format '{{.State.Pid}} {{.Name}}' $ids) || exit
    while read -r pid name; do
      [ "$pid" -gt 0 ] || continue
      [ "/proc/$pid/ns/net" -ef /proc/self/ns/net ] || enter "\${name#/}" docker "$pid" "/proc/$pid/ns/net"
    done <<LIST
$list
LIST
  fi
fi`

/**
 * The kernel numbers foreign namespaces per namespace; iproute2 prints the name of a named
 * one (link-netns) and the number of any other (link-netnsid), which lsns maps to a process.
 * A veth that is no port leads to a container that lost its bridge, unless the host itself uses it: as its own
 * link where it has an address, towards a routed container (Calico, the ptp plugin) where a route goes out by it.
 */
const DISCOVER = `[ -z "$DOCKER_SOCKET" ] || exit 0
ports=$(ip -o -d link show type veth 2>/dev/null) || { echo 'this ip cannot list veth links' >&2; exit 1; }
spaces= loose= used=
uses() {
  [ -n "$used" ] || used=" $(ip -4 -o addr show 2>/dev/null) $(ip -4 route show table all 2>/dev/null) "
  case $used in *" $1 "*) return 0 ;; *) return 1 ;; esac
}
while read -r line; do
  case $line in
    *' link-netns '*) rest=\${line#*' link-netns '}; space=name:\${rest%% *} ;;
    *' link-netnsid '*) rest=\${line#*' link-netnsid '}; space=id:\${rest%% *} ;;
    *) continue ;;
  esac
  case $line in
    *' master '*) case " $spaces " in *" $space "*) ;; *) spaces="$spaces $space" ;; esac ;;
    *)
      name=\${line#*: }
      uses "\${name%%[@:]*}" || loose="$loose $space" ;;
  esac
done <<PORTS
$ports
PORTS
for space in $loose; do
  case " $spaces " in *" $space "*) ;; *) spaces="$spaces $space" ;; esac
done
case $spaces in *id:*) known=$(lsns -t net -n -o NETNSID,PID 2>/dev/null) ;; esac
for space in $spaces; do
  case $space in
    name:*) enter "\${space#name:}" proc '' "/run/netns/\${space#name:}" ;;
    id:*)
      pid=
      while read -r id process; do [ "$id" != "\${space#id:}" ] || pid=$process; done <<KNOWN
$known
KNOWN
      if [ -n "$pid" ]; then
        read -r comm <"/proc/$pid/comm"
        enter "$comm-$pid" proc "$pid" "/proc/$pid/ns/net"
      else
        printf 'container=netns-%s\\nfound=proc\\nno process was found in this network namespace\\nexit=1\\n' "\${space#id:}"
      fi ;;
  esac
done`

function enterNamed({ name, namespace }: CollectSettings['containers'][number]): string {
  const path = posixQuote(namespace.startsWith('/') ? namespace : `/run/netns/${namespace}`)
  return `enter ${posixQuote(oneLine(name))} inventory '' ${path}`
}

/** All containers that are known: those named, Docker's, or what hangs on bridges. */
export function containersScript({ containers: named }: CollectSettings): string {
  const parts = [ENTER, ...named.map(enterNamed), DOCKER]
  return [...parts, ...(named.length === 0 ? [DISCOVER] : []), 'echo "more=$more"'].join('\n')
}
