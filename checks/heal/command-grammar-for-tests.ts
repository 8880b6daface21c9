/**
 * What a command that heals may look like: words of a POSIX shell, programs that hosts of flannel have, and their
 * subcommands. A test that finds another shape says so; whether it heals is tried in labs.
 */

const WORD = String.raw`(?:[A-Za-z0-9_./:@%+,=!*-]|'[^'\p{Cc}]*'|\\')+`
const ADDRESS = String.raw`(?:\d{1,3}\.){3}\d{1,3}`
const DOCKER = String.raw`docker(?: -H unix://[\w./-]+)?`
const PREFIX_6 = String.raw`(?:default|[\da-f:]+/\d{1,3})`
const PREFIX = String.raw`(?:default|${ADDRESS}(?:/\d{1,2})?)`

/** Words after a program, one pattern per program and subcommand. */
const SHAPES: readonly RegExp[] = [
  String.raw`ip6tables -P ${WORD} (?:ACCEPT|DROP)`,
  String.raw`ip -6 route (?:add|del|replace) (?:(?:blackhole|unreachable|prohibit|throw|local) )?${PREFIX_6}(?: (?:via|dev|table|metric|mtu) ${WORD}| onlink)*`,
  String.raw`ip -6 addr (?:add|del) ${PREFIX_6} dev ${WORD}`,
  String.raw`ip -6 rule (?:add|del)(?: (?:to|from|lookup|priority) ${WORD})+`,
  String.raw`ip route (?:add|del|replace) (?:(?:blackhole|unreachable|prohibit|throw|local) )?${PREFIX}(?: (?:via|dev|table|metric|proto|scope|src|mtu) ${WORD}| onlink)*`,
  String.raw`ip addr (?:add|del|replace) ${PREFIX}(?: brd \+)? dev ${WORD}`,
  String.raw`${DOCKER} network (?:(?:connect|disconnect) ${WORD} ${WORD}|rm ${WORD})`,
  String.raw`ip link set ${WORD}(?: (?:master|mtu|txqueuelen|address) ${WORD}| nomaster)?(?: up| down)?`,
  String.raw`ip link set ${WORD} (?:arp|protodown) (?:on|off)`,
  String.raw`ip link set ${WORD} type vxlan ttl (?:auto|\d+)`,
  String.raw`ip link set ${WORD} type bridge stp_state [01](?: && bridge link set dev ${WORD} state 3)?`,
  String.raw`ip xfrm policy delete dir (?:in|out|fwd) src ${PREFIX} dst ${PREFIX}(?: (?:proto|sport|dport|type|code|dev) ${WORD})*`,
  String.raw`tc qdisc del dev ${WORD} root`,
  String.raw`tc filter del dev ${WORD} (?:ingress|egress) protocol ${WORD} pref \d+`,
  String.raw`ip link del ${WORD}`,
  'ip link add name docker0 type bridge',
  String.raw`ip neigh (?:replace ${WORD} lladdr ${WORD} dev ${WORD} nud permanent|del ${WORD} dev ${WORD})`,
  String.raw`ip rule (?:add|del)(?: (?:to|from|lookup|priority) ${WORD})+`,
  String.raw`bridge fdb replace ${WORD} dev ${WORD} dst ${ADDRESS} self permanent`,
  String.raw`bridge fdb (?:del ${WORD} dev ${WORD}(?: master)?|replace ${WORD} dev ${WORD} (?:master(?: local| static)?|self local))`,
  String.raw`bridge link set dev ${WORD} (?:state [0-4]|(?:locked|isolated|flood) (?:on|off))`,
  String.raw`ip(?:6)?tables(?:-legacy)?(?: -t (?:filter|nat|raw|mangle|security))? (?:-P ${WORD} (?:ACCEPT|DROP)|-[IDAR] ${WORD}(?: \d+)?(?: ${WORD})+)`,
  String.raw`nft (?:insert|delete) rule (?:ip6?|inet|bridge|arp|netdev) ${WORD} ${WORD}(?: ${WORD})+`,
  String.raw`sysctl -w ${WORD}=${WORD}`,
  String.raw`systemctl (?:restart|start|reload) [\w-]+`,
  String.raw`ids=\$\(${DOCKER} ps -q\); systemctl restart docker; \[ -z "\$ids" \] \|\| ${DOCKER} start \$ids`,
  'systemctl daemon-reload',
  'udevadm control --reload',
  String.raw`mkdir -p ${WORD}`,
  String.raw`\[ -e (/etc/[\w./-]+) \] && sed -i '\$s\|\$\|[^'|&]+\|' \1 \|\| \{ mkdir -p /etc/[\w./-]+ && printf ${WORD} > \1; \}`,
  'networkctl reload',
  String.raw`modprobe [\w-]+`,
  String.raw`ethtool -K ${WORD} [\w-]+ (?:on|off)`,
  String.raw`kill -(?:CONT|STOP) \d+`,
  String.raw`kill \d+(?: \d+)*`,
  String.raw`prlimit --pid \d+ --nofile=\d+:\d+`,
  String.raw`rm ${WORD}`,
  String.raw`(?:mkdir -p /etc/[\w./-]+ && )?printf ${WORD} > /(?:etc|run)/[\w./-]+`,
  String.raw`ETCDCTL_API=2 etcdctl --endpoints=${WORD} (?:set ${WORD} ${WORD}|rm ${WORD})`,
  String.raw`ETCDCTL_API=2 etcdctl --endpoints=${WORD} get ${WORD} \| ETCDCTL_API=3 etcdctl --endpoints=${WORD} put ${WORD}`,
  String.raw`ETCDCTL_API=3 etcdctl --endpoints=${WORD} get --print-value-only ${WORD} \| ETCDCTL_API=2 etcdctl --endpoints=${WORD} set ${WORD}`,
  String.raw`ETCDCTL_API=3 etcdctl --endpoints=${WORD} (?:put ${WORD} ${WORD}|del ${WORD}|compact \d+|defrag|alarm disarm)`,
  String.raw`firewall-cmd --permanent --zone=trusted --(?:add|remove)-source=${PREFIX}`,
  'firewall-cmd --reload',
  String.raw`ufw route (?:delete )?allow from ${PREFIX} to ${PREFIX}`,
  String.raw`sed -i\.before -zE ${WORD} ${WORD}`,
  String.raw`mv ${WORD} ${WORD}`,
  String.raw`bridge link set dev ${WORD} hairpin (?:on|off)`,
  String.raw`kubectl -n ${WORD} delete pod ${WORD}`,
  String.raw`setsid -f ${WORD}(?: ${WORD})* </dev/null >>${WORD} 2>&1`,
  String.raw`xargs -0 -a /proc/\d+/cmdline (?:env(?: ${WORD})+ )?setsid -f sh -c ${WORD} sh`,
].map((shape) => new RegExp(`^${shape}$`, 'u'))

const INSIDE = /^nsenter --net=\S+ /
/** What is done only where these files are. */
const WITH_FILES = new RegExp(`^ls(?: ${WORD})+ >/dev/null && \\{ (.*); \\}$`, 'u')

/** Why a command is none that a finding may print; undefined when it is one. */
export function commandProblem(command: string): string | undefined {
  const inside = command.replace(INSIDE, '').replace(WITH_FILES, '$1')
  if (/\{(?! )|(?<!; )\}/.test(command.replaceAll(/'[^']*'/g, '')))
    return `a name without a value: ${command}`
  return SHAPES.some((shape) => shape.test(inside)) ? undefined : `no known command: ${command}`
}
