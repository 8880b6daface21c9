/** The complaints of flanneld as findings: how each is told, what to do, and what follows from a flanneld that does not come up. */
import type { FindingKind } from '../check.ts'
import type { Complaint } from '../expected/flanneld-words.ts'
import { LEAVE_MAC_ALONE, LOAD_BR_NETFILTER, RESTART_DOCKER, RESTART_FLANNELD, run } from '../heal/steps.ts'
import type { HealStep } from '../heal-step.ts'
import { ETCD_LOG_FINDINGS } from './log-etcd-findings.ts'
import { KUBE_LOG_FINDINGS, NOT_UP, stops } from './log-finding-kinds.ts'

/** A complaint that is known, or one that is only quoted. */
export type LogCode = Exclude<Complaint, 'unknown'> | 'not-up' | 'complains'

/** What a flanneld that is up goes on without. */
export const DEGRADING: ReadonlySet<Complaint> = new Set([
  'subnet-file-not-written',
  'rules-not-written',
  'entries-not-written',
  'renewal-fails',
  'watch-fails',
])

interface Degrading {
  readonly explains: readonly string[]
  readonly heal?: readonly HealStep[]
}

function degrades(says: string, fix: string, { explains, heal }: Degrading): FindingKind {
  return { ...stops(says, fix, heal), explains: explains.map((code) => ({ code, when: 'same-host' })) }
}

/** What each of flanneld's complaints is told as. */
export const LOG_FINDINGS: Readonly<Record<LogCode, FindingKind>> = {
  ...KUBE_LOG_FINDINGS,
  'config-missing': stops(
    'finds no configuration in etcd and waits for it',
    'Write the configuration under the prefix that this flanneld reads, through the API its version speaks (v2 up to v0.17.0, v3 from v0.18.0), or correct its -etcd-prefix: with v3 the slash at the beginning counts.',
  ),
  'config-refused': stops(
    'refuses the configuration in etcd and waits for another',
    'Write a correct configuration (mind the shell quotes around the JSON); flanneld goes on by itself, Docker must then be restarted.',
  ),
  'backend-refused': stops(
    'cannot use the Backend of the configuration and ends',
    'Correct Backend in the configuration: its Type, and the types of its options (numbers without quotes).',
  ),
  ...ETCD_LOG_FINDINGS,
  'certificate-unreadable': stops(
    'cannot read the files of its TLS options and ends',
    'Put the files where -etcd-certfile, -etcd-keyfile and -etcd-cafile name them; v0.19.2 to v0.20.0 refuse an etcd without TLS altogether, take v0.20.1 or later.',
  ),
  'out-of-subnets': stops(
    'finds no free subnet and ends',
    'Delete the leases of hosts that are gone, or widen SubnetMin to SubnetMax, Network or SubnetLen in the configuration, and start flanneld again.',
  ),
  'interface-not-found': stops(
    'does not find the link or address it was told to use',
    'Name a link that is there in -iface, an address of it in -public-ip (`ip -br address` on {host}), or leave both out.',
  ),
  'no-default-route': stops(
    'was told no link to use and there is no default route that would name one',
    'Give {host} a default route, or flanneld the link: -iface.',
  ),
  'kernel-lacks-link': stops(
    'cannot make its link: the kernel does not know that kind',
    'Load the module of the backend (`modprobe vxlan`, `tun`, `ipip`, `wireguard`; for udp /dev/net/tun must be there too), or install the kernel package that has it.',
    [run('modprobe {module}', 'the kernel knows that kind of link'), RESTART_FLANNELD],
  ),
  'vni-taken': stops(
    'cannot make its vxlan link: another one has the same VNI and port',
    'Remove the other vxlan link (`ip -d link show type vxlan` on {host}), or give this network another VNI or Port in Backend; then start flanneld again.',
    [RESTART_FLANNELD],
  ),
  'port-taken': stops(
    'cannot bind its UDP port: {holder} has it',
    'Stop the other program (`ss -ulpn` on {host}), mostly a second flanneld, or set Backend.Port.',
  ),
  'health-port-taken': stops(
    'cannot bind the port of its health check and ends',
    'Stop the other program (`ss -ltnp` on {host}), or give flanneld another -healthz-port; 0 is none.',
    [{ on: 'host', restart: 'flanneld', options: ['-healthz-port=0'] }],
  ),
  'public-ip-behind-nat': stops(
    'cannot route with host-gw: its public IP is no address of its link',
    'Leave -public-ip out, or take a backend that encapsulates: vxlan.',
    [{ on: 'host', restart: 'flanneld', options: ['-public-ip='] }],
  ),
  'not-permitted': stops(
    'lacks the rights for what it does',
    'Run flanneld as root or with CAP_NET_ADMIN and CAP_NET_RAW (a container: --privileged or these two); look for denials of SELinux or AppArmor (`ausearch -m avc`, `dmesg | grep -i apparmor`).',
  ),
  'mac-changed': stops(
    'finds another MAC on its link than it set',
    'Let systemd-udevd leave it alone: a .link file for flannel* with MACAddressPolicy=none.',
    [LEAVE_MAC_ALONE, run('udevadm control --reload', 'udev reads the file'), RESTART_FLANNELD],
  ),
  'bridge-netfilter-missing': stops(
    'needs br_netfilter, which is not loaded',
    'Run `modprobe br_netfilter` and name it in /etc/modules-load.d so that it is loaded at boot.',
    [...LOAD_BR_NETFILTER, RESTART_FLANNELD],
  ),
  'flag-unknown': stops(
    'does not know one of its flags and ends',
    'Correct the command line or the file of options of its unit: flags come and go with versions (`flanneld --help`).',
  ),
  'out-of-files': stops(
    'may open no more files',
    'Raise its limit (LimitNOFILE= of its unit, `ulimit -n` of what starts it): flanneld goes on by itself where the limit of the running process is raised.',
    [run('prlimit --pid {pid} --nofile=65536:65536', 'flanneld may open files again')],
  ),
  crashed: stops(
    'crashed',
    'Start it again; if it crashes again upgrade flannel, and report the lines around it.',
    [RESTART_FLANNELD],
  ),
  'subnet-file-not-written': degrades(
    'cannot write its subnet file',
    'Make the directory of -subnet-file writable for flanneld; Docker reads its bridge address from that file.',
    {
      explains: ['subnet-env/*', 'bridge/docker-options:*'],
      heal: [run('mkdir -p {directory}', 'the directory is there'), RESTART_FLANNELD],
    },
  ),
  'rules-not-written': degrades(
    'cannot write its packet filter rules',
    'Run the command it names by hand on {host}: the iptables program, its kernel modules or a lock are missing or incompatible.',
    { explains: ['netfilter/masquerade:*', 'netfilter/flannel-forward-rules:*'] },
  ),
  'entries-not-written': degrades(
    'cannot write routes, neighbours or FDB entries',
    'Do what it names by hand on {host} (`ip route`, `ip neigh`, `bridge fdb`) and read the kernel’s answer; then restart flanneld.',
    {
      explains: ['lease/peer:*', 'route/peer-subnet:*', 'neighbour/peer-vtep:*', 'fdb/peer-vtep:*'],
      heal: [RESTART_FLANNELD],
    },
  ),
  'lease-lost': {
    ...stops(
      'lost its lease and ended',
      'Start flanneld again, and Docker after it if the subnet is another one; use Restart=always, as it ends with status 0.',
      [RESTART_FLANNELD, RESTART_DOCKER],
    ),
    // A lease that is gone from etcd is what it says, so that stands above it.
    explains: NOT_UP.filter(({ code }) => code !== 'lease/own:*'),
  },
  'renewal-fails': degrades(
    'cannot renew its lease, which ends within 24 h of the last renewal',
    'Make etcd reachable and writable from {host}; flanneld tries again every minute.',
    { explains: ['lease/time-to-live:*'] },
  ),
  'watch-fails': degrades(
    'cannot follow the leases of its peers',
    'Restart flanneld on {host}: it reads all leases again. v0.28.9 and later follow a compacted etcd.',
    { explains: ['lease/peer:*'], heal: [RESTART_FLANNELD] },
  ),
  'not-up': stops(
    'does not come up',
    'Mend what it says and start it again, where it does not go on by itself; read the lines around it: `{command}`.',
  ),
  complains: {
    severity: 'info',
    confidence: 'possible',
    says: 'the last complaint of flanneld on {host}: "{line}"',
    fix: 'Read the lines around it: `{command}`.',
  },
}
