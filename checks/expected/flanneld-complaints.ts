/**
 * What flanneld says when it cannot do its work, from v0.6.2 to today, and what it means. The words are those of
 * flannel's own sources (`main.go`, `pkg/ipmatch`, `pkg/subnet/etcd`, the backends), of etcd's clients, and of the
 * kernel through Go's netlink.
 */
import type { FlanneldLog, LogLine, LogTail } from '../model/flanneld-log.ts'

/** Why flanneld complains; `unknown` is an error of which nothing is known. */
export type Complaint =
  | 'config-missing'
  | 'config-refused'
  | 'backend-refused'
  | 'etcd-unreachable'
  | 'etcd-tls'
  | 'etcd-denied'
  | 'etcd-full'
  | 'etcd-without-v2'
  | 'certificate-unreadable'
  | 'out-of-subnets'
  | 'interface-not-found'
  | 'no-default-route'
  | 'kernel-lacks-link'
  | 'vni-taken'
  | 'port-taken'
  | 'public-ip-behind-nat'
  | 'not-permitted'
  | 'mac-changed'
  | 'bridge-netfilter-missing'
  | 'flag-unknown'
  | 'subnet-file-not-written'
  | 'rules-not-written'
  | 'entries-not-written'
  | 'lease-lost'
  | 'renewal-fails'
  | 'watch-fails'
  | 'crashed'
  | 'unknown'

interface Known {
  readonly says: RegExp
  readonly means: Complaint
}

/** The first that fits counts: what is said about etcd's answer stands inside what flanneld did with it. */
const KNOWN: readonly Known[] = [
  { says: /^flag provided but not defined|^invalid value .* for (?:flag|env)/, means: 'flag-unknown' },
  { says: /^panic: |^fatal error: |\[signal SIG|^runtime: out of memory/, means: 'crashed' },
  { says: /flannel config not found in etcd store|: 100: Key not found/, means: 'config-missing' },
  {
    says: /x509: |tls: |bad certificate|unknown authority|authentication handshake failed/,
    means: 'etcd-tls',
  },
  {
    says: /Failed to create SubnetManager: (?:can't connect to etcd: no cert file|open |.*PEM)/,
    means: 'certificate-unreadable',
  },
  { says: /database space exceeded|NOSPACE/, means: 'etcd-full' },
  {
    says: /etcdserver: (?:user name is empty|permission denied|invalid auth token)|authentication failed, invalid user|insufficient credentials|: 110: /,
    means: 'etcd-denied',
  },
  {
    says: /response is invalid json\. The endpoint is probably not valid etcd cluster endpoint/,
    means: 'etcd-without-v2',
  },
  { says: /out of subnets/, means: 'out-of-subnets' },
  {
    says: /cluster is unavailable or misconfigured|context deadline exceeded|etcdserver: (?:no leader|request timed out|leader changed)|dial tcp|no such host|All the given peers are not reachable|transport is closing|error #\d+: EOF/,
    means: 'etcd-unreachable',
  },
  {
    says: /nable to find default (?:v6 )?route|[Ff]ailed to get default (?:v6 )?interface/,
    means: 'no-default-route',
  },
  {
    says: /Failed to find (?:any valid )?interface to use|Could not find valid interface|No interface with given IP found/i,
    means: 'interface-not-found',
  },
  { says: /mac address wanted: \S+ but got|mac address wanted/, means: 'mac-changed' },
  { says: /Failed to check br_netfilter/, means: 'bridge-netfilter-missing' },
  { says: /your PublicIP differs from interface IP/, means: 'public-ip-behind-nat' },
  { says: /address already in use/, means: 'port-taken' },
  { says: /operation not permitted|permission denied/i, means: 'not-permitted' },
  {
    says: /(?:register(?:ing)? network|create (?:vxlan|wireguard) (?:device|interface)|TUN device).*(?:operation not supported|no such file or directory|unknown device type|no such device)/,
    means: 'kernel-lacks-link',
  },
  { says: /registering network: (?:.*: )?(?:Link not found|file exists)/, means: 'vni-taken' },
  {
    says: /unknown backend type|error decoding \S+ backend config|Error fetching backend/,
    means: 'backend-refused',
  },
  {
    says: /network config: .*(?:invalid character|unexpected end of JSON|cannot unmarshal|invalid CIDR|SubnetLen|SubnetMin|SubnetMax|accommodate at least four|is too small|correct Network parameter|larger network)/i,
    means: 'config-refused',
  },
  { says: /Failed to write subnet file|failed to create .*subnet.*env/i, means: 'subnet-file-not-written' },
  { says: /iptables|nftables|IP Masq|masquerade rules/i, means: 'rules-not-written' },
  {
    says: /Add(?:L2|FDB|ARP|V6FDB|V6ARP) failed|failed to add (?:vxlanRoute|route)|Error adding route/i,
    means: 'entries-not-written',
  },
  {
    says: /Lease has been revoked|could not renew lease|Lost subnet lease|lease (?:was )?lost/i,
    means: 'lease-lost',
  },
  { says: /Error renewing lease/i, means: 'renewal-fails' },
  {
    says: /[Ww]atch(?:ing)? of subnet leases failed|Watch subnets|event index|compacted/,
    means: 'watch-fails',
  },
]

/** A start of flanneld: what stands before it was said by an earlier run. */
const START = /^CLI flags config|^Determining IP address of default interface|^Installing signal handlers/
/** What it says when its work goes on: errors before are over. */
const RECOVERY =
  /^Running backend|^Wrote subnet file|^Lease acquired|^Lease renewed|^Found network config|^Waiting for .* to renew lease|^Subnet added|^Allocated lease|reusing$|bootstrap done|sending reset results/

/** Errors that do not end with the next good sign: the start goes on without what failed. */
const LASTING: ReadonlySet<Complaint> = new Set([
  'subnet-file-not-written',
  'rules-not-written',
  'entries-not-written',
])

/** A line that tells of trouble, and what trouble. */
export interface Complaining {
  readonly complaint: Complaint
  readonly line: LogLine
  readonly tail: LogTail
}

function isTrouble({ level, text }: LogLine): boolean {
  if (level === 'error' || level === 'fatal') return true
  if (level === undefined) return KNOWN[0]?.says.test(text) === true || KNOWN[1]?.says.test(text) === true
  return level === 'warning' && /Failed to write subnet file|Lease has been revoked/.test(text)
}

/** What a line of trouble means. */
function meaningOf(text: string): Complaint {
  return KNOWN.find(({ says }) => says.test(text))?.means ?? 'unknown'
}

/** The lines of the last run: those of the process where it is known to write there, else from its last start on. */
function lastRun({ lines }: LogTail, pids: ReadonlySet<number>): readonly LogLine[] {
  const own = lines.findLastIndex(({ pid }) => pid !== undefined && pids.has(pid))
  const pid = own < 0 ? lines.findLast((line) => line.pid !== undefined)?.pid : lines[own]?.pid
  const first = lines.findIndex((line) => line.pid === pid)
  const start = lines.findLastIndex(({ text, pid: of }) => of === pid && START.test(text))
  if (pid === undefined) return lines
  return lines.slice(start < 0 ? first : start).filter((line) => line.pid === undefined || line.pid === pid)
}

/** Seconds after which an etcd that was asked is silent; an answer takes milliseconds. */
const SILENT_SECONDS = 3

/** From v0.18.0 on the first question to etcd has no deadline: nothing is said until an answer comes. */
function silentWait(
  run: readonly LogLine[],
  tail: LogTail,
  pids: ReadonlySet<number>,
): Complaining | undefined {
  const line = run.at(-1)
  if (line === undefined || !/^Installing signal handlers/.test(line.text)) return undefined
  const isRunning = pids.size > 0 && (line.ageSeconds ?? 0) >= SILENT_SECONDS
  return isRunning ? { complaint: 'etcd-unreachable', line, tail } : undefined
}

/** The last trouble of a log that no good sign followed; of one kind the last line. */
function troubleOf(tail: LogTail, pids: ReadonlySet<number>): Complaining | undefined {
  let open: Complaining | undefined
  const run = lastRun(tail, pids)
  for (const line of run) {
    if (isTrouble(line)) {
      const complaint = meaningOf(line.text)
      // The reason why an interface was not found stands before the sentence that it was not.
      if (open === undefined || complaint !== 'unknown') open = { complaint, line, tail }
    } else if (RECOVERY.test(line.text) && open !== undefined && !LASTING.has(open.complaint))
      open = undefined
  }
  return open ?? silentWait(run, tail, pids)
}

/** What the flanneld of a host complains about now, per log; `pids` are the processes that run. */
export function complaintsOf(log: FlanneldLog, pids: readonly number[]): readonly Complaining[] {
  const running = new Set(pids)
  return log.tails.flatMap((tail) => troubleOf(tail, running) ?? [])
}

/** The command with which a person sees the log. */
export function logCommand({ from, name }: LogTail): string {
  if (from === 'journal') return `journalctl -u ${name} -n 120`
  return from === 'container' ? `docker logs --tail 120 ${name}` : `tail -n 120 ${name}`
}
