/** Shell scripts around a trace instance of our own. Tokens and numbers are their only arguments. */
import { NAME_PREFIX, PROBES_DIR } from '../own/probe-token.ts'

/** Events that follow a packet from link to link, so that a drop can be told to be our packet's. */
const HOP_EVENTS = ['net/net_dev_start_xmit', 'net/netif_receive_skb'] as const
const DROP_EVENT = 'skb/kfree_skb'

const FIND = `
dir=${PROBES_DIR}/$1
find_tracing() {
  for place in /sys/kernel/tracing /sys/kernel/debug/tracing "$dir/tracing"; do
    [ -d "$place/instances" ] && { tracing=$place; return 0; }
  done
  return 1
}
`

/** ETH_P_IP, as the \`protocol\` field of the events shows it. */
const IPV4 = 2048

/**
 * Arguments: token, then the lengths our packet can have on a link. Makes the instance and starts it. Prints
 * the clock that was chosen, a mark that ties it to the wall clock, and the drop event's format.
 */
export const START_SCRIPT = `
${FIND}
mkdir -p "$dir" || mkdir -p "$dir" || exit 1 # another run may just have removed the empty folder above
find_tracing || {
  mkdir -p "$dir/tracing" && mount -t tracefs -o nosuid,nodev,noexec none "$dir/tracing" && find_tracing || exit 1
}
instance=$tracing/instances/${NAME_PREFIX}$1
mkdir "$instance" || exit 1
shift
cd "$instance" || exit 1
[ -d events/${DROP_EVENT} ] || { echo 'no event ${DROP_EVENT}' >&2; exit 1; }
echo 0 >tracing_on
# The kernel's own wall clock (6.2 and later) compares with what tcpdump writes; else the monotonic one.
echo tai >trace_clock 2>/dev/null || echo mono >trace_clock
echo 1024 >buffer_size_kb
echo 'protocol == ${IPV4}' >events/${DROP_EVENT}/filter && echo 1 >events/${DROP_EVENT}/enable || exit 1
lengths=
for length; do lengths="\${lengths:+$lengths || }len == $length"; done
for event in ${HOP_EVENTS.join(' ')}; do
  [ -d "events/$event" ] && echo "$lengths" >"events/$event/filter" && echo 1 >"events/$event/enable"
done
echo 1 >tracing_on
date '+mark %s.%N' >trace_marker
sed -n 's/.*\\[\\([a-z_]*\\)\\].*/clock \\1/p' trace_clock
cat events/${DROP_EVENT}/format
exit 0
`

/** Argument: token. Stops the instance and prints what it has; removing it is the removal script's work. */
export const READ_SCRIPT = `
${FIND}
find_tracing || exit 1
cd "$tracing/instances/${NAME_PREFIX}$1" || exit 1
echo 0 >tracing_on
cat trace
for cpu in per_cpu/cpu*; do sed -n 's/^overrun: \\([1-9]\\)/lost \\1/p' "$cpu/stats"; done
exit 0
`
