/** Shell scripts that find and remove what probes make. Their arguments are tokens, nothing else. */
import { dirname } from 'node:path'
import { NAME_PREFIX, PROBE_VARIABLE, PROBES_DIR } from './probe-token.ts'

/** Where tracefs may be mounted, our own place for it last. */
const TRACE_PLACES = '/sys/kernel/tracing /sys/kernel/debug/tracing'

/** Prints the token of everything found, one per line, with repetitions. */
export const FIND_SCRIPT = `
exec 2>/dev/null
LC_ALL=C grep -lsz '^${PROBE_VARIABLE}=' /proc/[0-9]*/environ | while read -r file; do
  tr '\\0' '\\n' <"$file" | sed -n 's/^${PROBE_VARIABLE}=//p'
done
for place in ${TRACE_PLACES} ${PROBES_DIR}/*/tracing; do
  for instance in "$place"/instances/${NAME_PREFIX}*; do
    [ -d "$instance" ] && printf '%s\\n' "\${instance##*/${NAME_PREFIX}}"
  done
done
for each in ${PROBES_DIR}/*; do [ -d "$each" ] && printf '%s\\n' "\${each##*/}"; done
exit 0
`

/**
 * Removes what carries the tokens given as arguments: processes, nft tables (in the networks that were
 * written down before the table was made), trace instances, our mount of tracefs, directories. A directory stays as long
 * as its instance does, or cannot be seen (the mount may be in another mount namespace), so that a later sweep finds it.
 */
export const REMOVE_SCRIPT = `
exec >/dev/null 2>&1
kill_all() {
  LC_ALL=C grep -lszx "${PROBE_VARIABLE}=$1" /proc/[0-9]*/environ | while read -r file; do
    pid=\${file#/proc/}; kill -KILL "\${pid%/environ}"
  done
}
network_path() {
  for path in /proc/self/ns/net /run/netns/* /proc/[0-9]*/ns/net; do
    [ "$(stat -L -c %i "$path")" = "$1" ] && { echo "$path"; return; }
  done
}
has_tracing() {
  for place in ${TRACE_PLACES} "$1/tracing"; do [ -d "$place/instances" ] && return 0; done
  return 1
}
for token; do
  dir=${PROBES_DIR}/$token name=${NAME_PREFIX}$token
  kill_all "$token"
  [ -f "$dir/networks" ] && while read -r inode; do
    path=$(network_path "$inode")
    [ -n "$path" ] && nsenter --net="$path" -- nft delete table ip "$name"
  done <"$dir/networks"
  [ -d "$dir/tracing" ] && { has_tracing "$dir" || mount -t tracefs none "$dir/tracing" || continue; }
  for place in ${TRACE_PLACES} "$dir/tracing"; do
    [ -d "$place/instances/$name" ] || continue
    echo 0 >"$place/instances/$name/tracing_on"
    rmdir "$place/instances/$name" || continue 2
  done
  umount "$dir/tracing"
  rmdir "$dir/tracing"
  rm -f "$dir/networks"
  rmdir "$dir"
done
rmdir ${PROBES_DIR} && rmdir ${dirname(PROBES_DIR)}
exit 0
`
