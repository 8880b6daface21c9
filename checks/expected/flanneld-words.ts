/**
 * What flanneld says when it cannot do its work, from v0.6.2 to today, and what it means. The words are those of
 * flannel's own sources (`main.go`, `pkg/ipmatch`, `pkg/subnet/etcd`, `pkg/subnet/kube`, the backends), of the clients of etcd
 * and Kubernetes, and of the kernel through Go's netlink.
 */

/** Why flanneld complains; `unknown` is an error of which nothing is known. */
export type Complaint =
  | 'kube-refused'
  | 'kube-unreachable'
  | 'pod-cidr-refused'
  | 'net-conf-unusable'
  | 'kube-not-configured'
  | 'config-missing'
  | 'config-refused'
  | 'backend-refused'
  | 'etcd-unreachable'
  | 'etcd-name-unknown'
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
  | 'health-port-taken'
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
  | 'out-of-files'
  | 'crashed'
  | 'unknown'

/** Words, and the trouble that they tell of. */
interface Known {
  readonly says: RegExp
  readonly means: Complaint
}

/** The first that fits counts: what is said about etcd's answer stands inside what flanneld did with it. */
export const KNOWN_WORDS: readonly Known[] = [
  { says: /^flag provided but not defined|^invalid value .* for (?:flag|env)/, means: 'flag-unknown' },
  { says: /^panic: (?!listen tcp)|^fatal error: |\[signal SIG|^runtime: out of memory/, means: 'crashed' },
  { says: /too many open files/, means: 'out-of-files' },
  // `pkg/subnet/kube/kube.go`, and client-go under it: what its Kubernetes API answers, before words that etcd's clients have too.
  { says: /is forbidden: User \\?"|(?:: |=")Unauthorized\b/, means: 'kube-refused' },
  {
    says: /https?:\/\/\S+\/apis?\/|timeout contacting kube-api|error waiting for nodeController to sync/,
    means: 'kube-unreachable',
  },
  {
    says: /pod cidr not assigned|pod cidrs should be|doesn't contain \S+ (?:IPv6 )?PodCIDR/,
    means: 'pod-cidr-refused',
  },
  { says: /failed to read net conf|error parsing subnet config/, means: 'net-conf-unusable' },
  {
    says: /SubnetManager: (?:fail to create kubernetes config|unable to initialize client|env variables POD_NAME)/,
    means: 'kube-not-configured',
  },
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
  { says: /\blookup \S+(?: on \S+)?: |no such host|produced zero addresses/, means: 'etcd-name-unknown' },
  {
    says: /cluster is unavailable or misconfigured|context deadline exceeded|etcdserver: (?:no leader|request timed out|leader changed)|dial tcp|All the given peers are not reachable|transport is closing|error #\d+: EOF/,
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
  // `main.go`, `mustRunHealthz`: it panics after these words.
  { says: /healthz server error.*address already in use/, means: 'health-port-taken' },
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
    says: /network config: .*(?:invalid character|unexpected end of JSON|cannot unmarshal|invalid CIDR|SubnetLen|SubnetMin|SubnetMax|accommodate at least four|is too small|correct (?:IPv6)?Network parameter|larger network)/i,
    means: 'config-refused',
  },
  {
    says: /Failed to write subnet file|failed to create \S*subnet\S*env\b/i,
    means: 'subnet-file-not-written',
  },
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
