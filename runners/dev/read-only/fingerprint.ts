/** Everything of a machine that a check could change, as lines that can be compared. */
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { run } from '../../hosts/command/spawn.ts'
import { NETNS_DIR } from '../../hosts/netns.ts'

export interface FingerprintScope {
  /** Command line of etcdctl that prints the revision. */
  readonly revision: readonly string[]
}

/** Without counters, timers and what moves by itself, as neighbours do that somebody's packets resolved. Names of modules and folders are compared as they are. */
const NETWORK = `PATH=/usr/sbin:/usr/bin:/sbin:/bin
ip -o -d link show | sed 's/_timer *[0-9.]*//g; s/state [A-Z]*//'
ip -o addr show
ip -4 route show table all; ip -6 route show table all
ip -4 rule show; ip -6 rule show
ip neigh show nud permanent
bridge fdb show | grep -E 'permanent|static' | sort
nft -s list ruleset
grep -r . /proc/sys/net 2>/dev/null | grep -Ev 'nf_conntrack_count|stable_secret|/stat:|random|tcp_mem|udp_mem|tcp_fastopen_key' | sort`

/** A lab's daemons write their own files and logs all the time; named namespaces are listed apart. */
const MACHINE = `PATH=/usr/sbin:/usr/bin:/sbin:/bin
cut -d' ' -f1 /proc/modules | sort | sed 's/^/module /'
cut -d' ' -f5- /proc/self/mountinfo | grep -v '^/run/netns/' | sort | sed 's/^/mount /'
for p in /proc/[0-9]*; do
  case " $1 $$ " in *" \${p#/proc/} "*) continue ;; esac
  readlink "$p/exe" >/dev/null || continue # ended, and not yet buried
  read -r comm <"$p/comm" && echo "process \${p#/proc/} $comm"
done 2>/dev/null | grep -vE ' (sh|sort|sed|cut|find|grep)$' | sort
find /run /tmp /etc -xdev \\( -path '*/etcd' -o -name '*.log' \\) -prune -o -type d -printf 'folder %p %m\\n' -o -printf 'file %p %y %m %s %T@\\n' 2>/dev/null | sort`

async function lines(argv: readonly string[]): Promise<readonly string[]> {
  const { end, stdout, stderr } = await run(argv, { timeoutMs: 60_000 })
  if (!('exit' in end)) throw new Error(`${argv[0]} ended with ${JSON.stringify(end)}: ${stderr}`)
  return Buffer.from(stdout)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
}

/** Network namespaces without a name, as containers have them, by a process that is in each. */
function unnamedSpaces(named: readonly string[]): ReadonlyMap<string, string> {
  const own = readlinkSync('/proc/self/ns/net')
  const known = new Set([own, ...named.map((name) => `net:[${statSync(`${NETNS_DIR}/${name}`).ino}]`)])
  const found = new Map<string, string>()
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const space = readlinkSync(`/proc/${pid}/ns/net`)
      if (!known.has(space) && !found.has(space)) found.set(space, `/proc/${pid}/ns/net`)
    } catch {} // it has ended
  }
  return found
}

/** Lines by where they belong. */
export type Fingerprint = ReadonlyMap<string, readonly string[]>

/** What there is now: the machine, its network and every named network namespace, and etcd's revision. */
export async function fingerprint({ revision }: FingerprintScope): Promise<Fingerprint> {
  const found = new Map<string, readonly string[]>()
  const named = readdirSync(NETNS_DIR).sort()
  const unnamed = unnamedSpaces(named)
  const spaces = [...named.map((name) => [name, `${NETNS_DIR}/${name}`] as const), ...unnamed]
  for (const [name, path] of spaces) {
    found.set(`network of ${name}`, await lines(['nsenter', `--net=${path}`, 'sh', '-c', NETWORK]))
  }
  found.set('network of the machine', await lines(['sh', '-c', NETWORK]))
  found.set('machine', await lines(['sh', '-c', MACHINE, 'sh', `${process.pid}`]))
  found.set('etcd', await lines(revision))
  found.set('namespaces', [...named, ...[...unnamed.keys()].sort()])
  return found
}

/** What is in one and not in the other, with `-` and `+` before it. */
export function differences(before: Fingerprint, after: Fingerprint): readonly string[] {
  const places = new Set([...before.keys(), ...after.keys()])
  return [...places].flatMap((place) => {
    const [was, is] = [new Set(before.get(place)), new Set(after.get(place))]
    const gone = [...was].filter((line) => !is.has(line)).map((line) => `${place}: - ${line}`)
    return [...gone, ...[...is].filter((line) => !was.has(line)).map((line) => `${place}: + ${line}`)]
  })
}
