/** `trace` of losses that no route, neighbour, lease or iptables rule shows, against real flanneld. */
import test, { type ExecutionContext } from 'ava'
import type { ReportTrace } from '../../../reports/document/report.ts'
import { withLab } from '../../lab/build/up.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { LabState } from '../../lab/running/state.ts'
import { needs } from '../../test-needs.ts'
import { lastSeen, sh, traced } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

interface Loss {
  readonly loss: string
  readonly backend?: LabBackend
  readonly scripts: readonly (readonly [at: Parameters<typeof sh>[1], script: string])[]
  /** Undoes them on the first of their places: the lab is used again. */
  readonly mend?: string
  readonly ends: readonly ReportTrace['ends'][]
  readonly lastSeen: string
  readonly says: RegExp
  /** Default: the state shows it too. */
  readonly agreement?: ReportTrace['agreement']
  readonly reason?: string
  /** The first cause: what a state shows, or what the ping alone does. */
  readonly cause: string
}

const eat = (rule: string): string =>
  `nft 'table bridge eat { chain fw { type filter hook forward priority 0; ${rule} drop; }; }'`
const atLink = (link: string, rule: string): string =>
  `nft 'table netdev eat { chain in { type filter hook ingress device "${link}" priority 0; ${rule} drop; }; }'`
/** The subnet of the only peer. */
const PEER = 'peer=$(ip route show | sed -n "s/ via .* dev flannel.1 .*//p" | head -1)'
const STALE = '0e:00:00:00:00:01'

const LOSSES: readonly Loss[] = [
  {
    loss: 'answers alone are lost on the underlay',
    scripts: [['switch', eat('ip saddr 192.0.2.12 udp dport 8472')]],
    mend: 'nft delete table bridge eat',
    ends: ['delivered', 'lost-on-underlay'],
    lastSeen: 'h2 eth0',
    says: /^the reply .* seen on h2 eth0 and never on h1 eth0: a firewall or the network .* UDP 8472/,
    cause: 'dataplane/followed-ping:underlay',
  },
  {
    loss: 'large packets alone are lost on the underlay',
    scripts: [['switch', eat('meta length > 1000 udp dport 8472')]],
    mend: 'nft delete table bridge eat',
    ends: ['delivered', 'delivered', 'lost-on-underlay'],
    lastSeen: 'h1 eth0',
    says: /seen on h1 eth0 and never on h2 eth0: a firewall or the network/,
    cause: 'dataplane/followed-ping:too-large',
  },
  {
    loss: 'the asking host has the address of the asked container too',
    scripts: [['h1', `${PEER}; ip addr add "\${peer%.0/*}.2/32" dev lo`]],
    mend: `${PEER}; ip addr del "\${peer%.0/*}.2/32" dev lo`,
    ends: ['captured'],
    lastSeen: 'h1 docker0',
    says: /is an address of h1 itself: the host takes the packet/,
    cause: 'route/shadowed:shadowed',
  },
  {
    loss: 'answers come back by another link, which the asking host refuses',
    scripts: [
      ['h2', `${PEER}; ip route replace "$peer" via 192.0.2.11 dev eth0`],
      ['h1', 'sysctl -q -w net.ipv4.conf.eth0.rp_filter=1'],
    ],
    ends: ['delivered', 'reverse-path'],
    lastSeen: 'h1 eth0',
    says: /^the reply .* last seen on h1 eth0: the reverse path filter drops it/,
    reason: 'IP_RPFILTER',
    cause: 'route/peer-subnet:wrong-link',
  },
  {
    loss: 'a VTEP MAC of a former flannel link',
    scripts: [
      [
        'h1',
        `set -- $(bridge fdb show dev flannel.1 | grep dst); bridge fdb append ${STALE} dev flannel.1 dst "$3"
        gateway=$(ip route show dev flannel.1 | sed -n 's/.* via \\([^ ]*\\) .*/\\1/p' | head -1)
        ip neigh replace "$gateway" lladdr ${STALE} dev flannel.1 nud permanent`,
      ],
    ],
    ends: ['wrong-vtep'],
    lastSeen: 'h2 flannel.1',
    says: /the inner frame is for 0e:00:00:00:00:01/,
    reason: 'OTHERHOST',
    cause: 'neighbour/peer-vtep:wrong-mac',
  },
  {
    loss: 'an nft drop at the ingress of the vxlan link',
    scripts: [['h2', atLink('flannel.1', 'ip saddr 10.5.0.0/16')]],
    mend: 'nft delete table netdev eat',
    ends: ['filtered'],
    lastSeen: 'h2 flannel.1',
    says: /last seen on h2 flannel\.1: a packet filter drops it; nft netdev eat\/in drops it/,
    cause: 'netfilter/prerouting:dropped',
  },
  {
    loss: 'an nft drop at the ingress of the underlay link',
    scripts: [['h2', atLink('eth0', 'udp dport 8472')]],
    mend: 'nft delete table netdev eat',
    ends: ['filtered'],
    lastSeen: 'h2 eth0',
    says: /last seen on h2 eth0: a packet filter drops it; nft netdev eat\/in drops it/,
    cause: 'netfilter/overlay-port:dropped',
  },
  {
    // The VNI is 24 bits behind the UDP header and the flags (RFC 7348, section 5).
    loss: 'a VNI that is another one on arrival, where both hosts have the same',
    scripts: [
      [
        'switch',
        `nft 'table bridge eat { chain fw { type filter hook forward priority 0; ip saddr 192.0.2.11 udp dport 8472 @th,96,24 set 7; }; }'`,
      ],
    ],
    mend: 'nft delete table bridge eat',
    ends: ['not-enough-facts'],
    lastSeen: 'h2 eth0',
    says: /on h2 eth0.*no vxlan link of that host has the VNI of the packet/,
    agreement: 'contradicted',
    reason: 'VXLAN_VNI_NOT_FOUND',
    cause: 'dataplane/followed-ping:dropped',
  },
  {
    loss: 'a stopped flanneld that holds flannel0',
    backend: 'udp',
    scripts: [['h2', 'kill -STOP $flanneld']],
    ends: ['not-listening'],
    lastSeen: 'h2 eth0',
    says: /a signal has stopped the flanneld that takes port 8285 on h2/,
    cause: 'daemon/process-state:stopped',
  },
  {
    loss: 'a flanneld that is gone while flannel0 stays',
    backend: 'udp',
    scripts: [
      [
        'h1',
        `address=$(ip -4 -o address show dev flannel0 | sed 's/.* inet \\([^ ]*\\) .*/\\1/')
        kill -KILL $flanneld
        while ip link show dev flannel0 >/dev/null 2>&1; do sleep 0.05; done
        ip tuntap add dev flannel0 mode tun; ip address add "$address" dev flannel0; ip link set flannel0 up mtu 1472
        ip route add 10.5.0.0/16 dev flannel0`,
      ],
    ],
    ends: ['link-down'],
    lastSeen: 'h1 docker0',
    says: /no flanneld runs that reads flannel0/,
    cause: 'daemon/process:not-running',
  },
]

function flanneldOf({ hosts }: LabState, at: string): number | '' {
  return hosts.find(({ name }) => name === at)?.flanneldPid ?? ''
}

async function findsLoss(t: ExecutionContext, lab: LabState, one: Loss): Promise<void> {
  const { loss, scripts, ends, agreement = 'confirmed', says, reason, cause } = one
  for (const [at, script] of scripts) await sh(lab, at, `flanneld=${flanneldOf(lab, at)}\n${script}`)
  const { exit, report } = await traced(t, lab)
  const lost = report.traces.at(-1)
  t.is(exit, 1, loss)
  t.deepEqual(
    report.traces.map((trace) => trace.ends),
    ends,
    loss,
  )
  if (lost === undefined) return
  t.is(lastSeen(lost), one.lastSeen, loss)
  t.is(lost.agreement, agreement, loss)
  t.regex(lost.says, says, loss)
  if (reason !== undefined) t.is(lost.dropReason, reason, loss)
  t.is(report.causes[0]?.code, cause, loss)
}

live('losses that can be undone: each found where it is', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    for (const one of LOSSES) {
      if (one.mend === undefined) continue
      await findsLoss(t, lab, one)
      await sh(lab, one.scripts[0]?.[0] ?? 'h1', one.mend)
    }
  })
})

for (const one of LOSSES.filter(({ mend }) => mend === undefined)) {
  const { loss, backend = 'vxlan' } = one
  live(`${loss}: found where it is`, (t) => withLab({ hosts: 2, backend }, (lab) => findsLoss(t, lab, one)))
}
