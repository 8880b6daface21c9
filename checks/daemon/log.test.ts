import test from 'ava'
import { buildCluster } from '../../fixtures/build.ts'
import { evaluate } from '../evaluate.ts'
import { testCheck } from '../tester.ts'
import { check } from './log.ts'
import { error, said } from './said-for-tests.ts'

/** What the Go runtime and its flag package print. */
const WITHOUT_HEADER = /^flag provided|^panic: /

/** Lines of real runs: v0.28.9 and v0.17.0 in a lab, older ones as their sources print them. */
const WORDS: readonly (readonly [text: string, means: string])[] = [
  [
    '"Failed to watch" err="failed to list *v1.Node: nodes is forbidden: User \\"system:serviceaccount:kube-flannel:flannel\\" cannot list resource \\"nodes\\""',
    'kube-refused',
  ],
  [
    'Failed to create SubnetManager: error retrieving pod spec for \'kube-flannel/p\': Get "https://10.96.0.1:443/api/v1/namespaces/kube-flannel/pods/p": dial tcp 10.96.0.1:443: i/o timeout',
    'kube-unreachable',
  ],
  ['Error registering network: failed to acquire lease: node "h2" pod cidr not assigned', 'pod-cidr-refused'],
  [
    'Failed to create SubnetManager: failed to read net conf: open /etc/kube-flannel/net-conf.json: no such file or directory',
    'net-conf-unusable',
  ],
  [
    "Couldn't fetch network config: flannel config not found in etcd store. Did you create your config using etcdv3 API?",
    'config-missing',
  ],
  ["Couldn't fetch network config: 100: Key not found (/coreos.com) [3]", 'config-missing'],
  ['failed to retrieve network config: 100: Key not found (/coreos.com) [7]', 'config-missing'],
  [
    "Couldn't fetch network config: client: etcd cluster is unavailable or misconfigured; error #0: dial tcp 127.0.0.1:2999: connect: connection refused",
    'etcd-unreachable',
  ],
  [
    "Couldn't fetch network config: client: etcd cluster is unavailable or misconfigured; error #0: EOF",
    'etcd-unreachable',
  ],
  [
    "Couldn't fetch network config: client: etcd cluster is unavailable or misconfigured; error #0: dial tcp: lookup nosuch.invalid: i/o timeout",
    'etcd-name-unknown',
  ],
  [
    "Couldn't fetch network config: client: etcd cluster is unavailable or misconfigured; error #0: x509: certificate signed by unknown authority",
    'etcd-tls',
  ],
  [
    "Couldn't fetch network config: client: response is invalid json. The endpoint is probably not valid etcd cluster endpoint.",
    'etcd-without-v2',
  ],
  ["Couldn't fetch network config: etcdserver: user name is empty", 'etcd-denied'],
  ['failed to acquire lease: etcdserver: mvcc: database space exceeded', 'etcd-full'],
  ['Failed to create SubnetManager: open /nx.pem: no such file or directory', 'certificate-unreadable'],
  ["Failed to create SubnetManager: can't connect to etcd: no cert file found", 'certificate-unreadable'],
  [
    "Couldn't fetch network config: invalid character 'N' looking for beginning of object key string",
    'config-refused',
  ],
  ["Couldn't fetch network config: invalid CIDR address: 10.5.0.0/33", 'config-refused'],
  ["Couldn't fetch network config: SubnetLen must be less than /31", 'config-refused'],
  [
    "Couldn't fetch network config: network must be able to accommodate at least four subnets",
    'config-refused',
  ],
  ["Couldn't fetch network config: SubnetMin is not on a SubnetLen boundary: 10.5.0.5", 'config-refused'],
  ['Error fetching backend: unknown backend type: vxlna', 'backend-refused'],
  [
    'Error registering network: error decoding VXLAN backend config: json: cannot unmarshal string into Go struct field VXLANConfig.vni of type int',
    'backend-refused',
  ],
  ['Error registering network: operation not supported', 'kernel-lacks-link'],
  [
    'Error registering network: could not create wireguard interface: operation not supported',
    'kernel-lacks-link',
  ],
  [
    'Error registering network: failed to open TUN device: open /dev/net/tun: no such file or directory',
    'kernel-lacks-link',
  ],
  ['Error registering network: failed to acquire lease: out of subnets', 'out-of-subnets'],
  ['failed to register network: failed to acquire lease: out of subnets', 'out-of-subnets'],
  [
    'Failed to find interface to use that matches the interfaces and/or regexes provided',
    'interface-not-found',
  ],
  [
    'Failed to find any valid interface to use: error looking up interface 203.0.113.9: No interface with given IP found',
    'interface-not-found',
  ],
  [
    'Failed to find any valid interface to use: failed to get default interface: unable to find default route',
    'no-default-route',
  ],
  ['Failed to get default interface: Unable to find default route', 'no-default-route'],
  [
    "Error fetching backend: your PublicIP differs from interface IP, meaning that probably you're on a NAT, which is not supported by host-gw backend",
    'public-ip-behind-nat',
  ],
  [
    'Error registering network: failed to start listening on UDP socket: listen udp4 192.0.2.5:8285: bind: address already in use',
    'port-taken',
  ],
  ['Error registering network: failed to create vxlan device: Link not found', 'vni-taken'],
  ['Error registering network: Link not found', 'vni-taken'],
  ['Error registering network: failed to create vxlan device: operation not permitted', 'not-permitted'],
  ["flannel.1's mac address wanted: 0a:00:00:00:00:01, but got: 0a:00:00:00:00:02", 'mac-changed'],
  [
    'Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory',
    'bridge-netfilter-missing',
  ],
  ['flag provided but not defined: -nonsense', 'flag-unknown'],
  ['panic: runtime error: index out of range [0] with length 0', 'crashed'],
  ['Failed to write subnet file: mkdir /proc/nx: no such file or directory', 'subnet-file-not-written'],
  ['Error renewing lease (trying again in 1 min): context canceled', 'renewal-fails'],
  ['Lease has been revoked. Shutting down daemon.', 'lease-lost'],
  ['watch of subnet leases failed: etcdserver: mvcc: required revision has been compacted', 'watch-fails'],
  [
    'Failed to ensure iptables rules: error setting up rules: failed to apply partial iptables-restore',
    'rules-not-written',
  ],
  ['Failed to ensure iptables rules: open /dev/null: too many open files', 'out-of-files'],
  ['AddFDB failed: no buffer space available', 'entries-not-written'],
  ['something nobody has read before', 'complains'],
  [
    "Couldn't fetch network config: please define a correct IPv6Network parameter in the flannel config",
    'config-refused',
  ],
  ['Start healthz server error. listen tcp 0.0.0.0:10011: bind: address already in use', 'health-port-taken'],
  [
    'Failed to create SubnetManager: fail to create kubernetes config: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
    'kube-not-configured',
  ],
]

const CONFIG = "Couldn't fetch network config: 100: Key not found (/coreos.com) [3]"
const SUBNETS = 'Error registering network: failed to acquire lease: out of subnets'

testCheck(test, check, {
  passes: [
    { name: 'no log anywhere', cluster: () => buildCluster({ hosts: 2, backend: 'vxlan' }) },
    { name: 'only good news', cluster: () => said([{ ...error('Running backend.'), level: 'info' }]) },
  ],
  fails: [
    {
      name: 'waits for a configuration',
      cluster: () => said([error(CONFIG)]),
      findings: ['h1 config-missing flanneld'],
    },
    {
      name: 'ended long ago',
      cluster: () => said([error(SUBNETS, 80_000)], false),
      findings: ['h1 out-of-subnets flanneld'],
    },
    {
      name: 'complained once and runs on',
      cluster: () => said([error(CONFIG, 600)]),
      findings: ['h1 complains flanneld'],
    },
    {
      name: 'an error that nobody has read before keeps it from coming up',
      cluster: () => said([{ ...error('CLI flags config: {}'), level: 'info' }, error('of some kind')]),
      findings: ['h1 not-up flanneld'],
    },
    ...WORDS.map(([text, code]) => ({
      name: text,
      cluster: () => said([WITHOUT_HEADER.test(text) ? { raw: text, text } : error(text)], false),
      findings: [`h1 ${code} flanneld`],
    })),
  ],
})

test('a route to a lease that is gone is not wanted any more', (t) => {
  const codes = (text: string): readonly string[] => {
    const cluster = said([error(text)])
    return evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) =>
      findings.map(({ code }) => code),
    )
  }
  const failed = (to: string, gateway: string): string =>
    `Error adding route to {Ifindex: 2 Dst: ${to} Src: <nil> Gw: ${gateway} Flags: [] Table: 0}: network is unreachable`
  t.deepEqual(codes(failed('10.77.8.0/24', '198.51.100.50')), ['daemon/log:complains'])
  t.deepEqual(codes(failed('10.2.2.0/24', '172.20.0.2')), ['daemon/log:entries-not-written'])
  t.deepEqual(codes('AddFDB failed: no buffer space available'), ['daemon/log:entries-not-written'])
})

test('the words are quoted with the command that shows them', (t) => {
  const cluster = said([error(SUBNETS)], false)
  const [finding] = evaluate(cluster, [check], cluster.window.to).flatMap(({ findings }) => findings)
  t.regex(finding?.message ?? '', /out of subnets"$/)
  t.like(finding?.evidence[0], {
    excerpt: `E1127 21:22:16.811374   14856 main.go:367] ${SUBNETS}`,
    source: { command: 'tail -n 120 /var/log/flanneld.log' },
  })
})
