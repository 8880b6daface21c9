/** `trace` by its command line against real flanneld: what it says of faults, and what it saves. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import type { Report, ReportTrace } from '../../../reports/document/report.ts'
import { withLab } from '../../lab/build/up.ts'
import { findFault, inject } from '../../lab/faults/inject.ts'
import { pathOf } from '../../probe/kernel/path-for-tests.ts'
import { remains } from '../../probe/own/remains-for-tests.ts'
import { needs } from '../../test-needs.ts'
import { doctorHere } from '../doctor-here-for-tests.ts'
import { lastSeen, type namespaceOf, sh, traced } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
interface Fault {
  readonly fault: string
  readonly at: Parameters<typeof namespaceOf>[1]
  readonly script: string
  readonly ends: readonly (ReportTrace['ends'] | undefined)[]
  readonly lastSeen: string
  readonly reason?: string
  readonly says: RegExp
  /** The first cause: what a state shows, or what the ping alone does. */
  readonly cause: string
}

const FAULTS: readonly Fault[] = [
  {
    fault: 'a deleted route to the peer',
    at: 'h1',
    script: 'ip route del $(ip route show dev flannel.1 | head -1 | cut -d" " -f1)',
    ends: ['wrong-route'],
    lastSeen: 'h1 docker0',
    says: /^the request from h1\/h1c1 to h2\/h2c1 was last seen on h1 docker0: its route leads elsewhere/,
    cause: 'route/peer-subnet:missing',
  },
  {
    fault: 'a deleted FDB entry',
    at: 'h1',
    script:
      'bridge fdb show dev flannel.1 | grep dst | while read -r m _; do bridge fdb del "$m" dev flannel.1; done',
    ends: ['no-fdb'],
    lastSeen: 'h1 flannel.1',
    reason: 'NO_TX_TARGET',
    says: /no FDB entry/,
    cause: 'fdb/peer-vtep:missing',
  },
  {
    fault: 'a FORWARD drop of native nft without a counter',
    at: 'h2',
    script: `nft 'table ip killer { chain fw { type filter hook forward priority 10; ip protocol icmp drop; }; }'`,
    ends: ['filtered'],
    lastSeen: 'h2 flannel.1',
    reason: 'NETFILTER_DROP',
    says: /last seen on h2 flannel\.1: a packet filter drops it/,
    cause: 'path/rule:drops',
  },
  {
    fault: 'an underlay that eats UDP 8472',
    at: 'switch',
    script: `nft 'table bridge eat { chain fw { type filter hook forward priority 0; udp dport 8472 drop; }; }'`,
    ends: ['lost-on-underlay'],
    lastSeen: 'h1 eth0',
    says: /seen on h1 eth0 and never on h2 eth0: a firewall or the network between .* UDP 8472/,
    cause: 'dataplane/followed-ping:underlay',
  },
  {
    fault: "the container's address on its own host as well",
    at: 'h2',
    script:
      'ip addr add "$(ip route show dev docker0 | sed -n "s/.* src \\(.*\\)\\.1 .*/\\1.2/p")"/32 dev lo',
    ends: ['captured'],
    lastSeen: 'h2 flannel.1',
    says: /address of h2 itself.*TTL 63 where one of h2\/h2c1 has 62, is from h2 and not from the container/,
    cause: 'route/local-address:captured',
  },
  {
    fault: 'a container without a default route',
    at: 'h2c1',
    script: 'ip route del default',
    ends: ['delivered', 'no-route'],
    lastSeen: 'h2 h2c1 eth0',
    says: /lost at h2\/h2c1 .*no route leads there/,
    cause: 'bridge/container-gateway:missing',
  },
  {
    fault: "a container's own firewall",
    at: 'h2c1',
    script: `nft 'table ip own { chain in { type filter hook input priority 0; ip protocol icmp drop; }; }'`,
    ends: ['filtered'],
    lastSeen: 'h2 h2c1 eth0',
    says: /h2\/h2c1.*a packet filter drops it/,
    cause: 'path/rule:drops',
  },
]

for (const { fault, at, script, ends, lastSeen: last, reason, says, cause } of FAULTS) {
  live(`${fault} is found where it is`, async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      await sh(lab, at, script)
      const { exit, report, request, reply } = await traced(t, lab)
      const lost = reply ?? request
      t.is(exit, 1)
      t.deepEqual(
        report.traces.map((trace) => trace.ends),
        ends,
      )
      t.is(lastSeen(request), last)
      t.is(lost.agreement, 'confirmed')
      t.regex(lost.says, says)
      if (reason !== undefined) t.is(request.dropReason, reason)
      t.is(report.causes[0]?.code, cause)
    })
  })
}

live('a healthy ping is delivered both ways, followed on every link, and leaves nothing', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    // What IPv6 sends by itself on a new link (MLD, router solicitations) counts as dropped by flannel.1.
    for (const host of ['h1', 'h2'] as const)
      await sh(lab, host, 'sysctl -q -w net.ipv6.conf.all.disable_ipv6=1')
    const saved = join(lab.directory, 'saved')
    const { exit, report, request, reply } = await traced(t, lab, '--save', saved)
    t.is(exit, 0)
    t.is(report.run.level, 'capture')
    for (const trace of [request, reply]) {
      t.is(trace?.ends, 'delivered')
      t.is(trace?.agreement, 'confirmed')
      const linked = trace?.hops.filter(({ link }) => link !== undefined) ?? []
      t.is(linked.length, 10)
      t.true(linked.every(({ seen, at }) => seen === true && at !== undefined))
      t.deepEqual(trace?.evidenceFrom, ['counters', 'taps', 'tracefs'])
      t.deepEqual(trace?.notObserved, [])
      t.deepEqual(trace?.counters, [])
    }
    t.is(request.ping.received, 2)
    t.is(readdirSync(join(saved, 'captures')).length, 10)
    const again = await doctorHere('replay', saved, '--format', 'json')
    t.is(again.exit, 0)
    t.deepEqual((JSON.parse(again.stdout) as Report).traces, report.traces)
    t.deepEqual(await remains(pathOf(lab), process.pid), [])
    const { stdout } = await doctorHere('trace', 'h1', 'h2/h2c1', '--inventory', lab.inventory)
    t.regex(stdout, /^DELIVERED {2}h1 to h2\/h2c1: 2 of 2 pings/)
    t.regex(stdout, /≈ h2 ● eth0 ● flannel\.1 ● docker0 ● vethc1 h2\/h2c1 ● eth0/)
  })
})

live('--intrude names the rule', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    await sh(lab, 'h2', 'iptables -I FORWARD -p icmp -j DROP')
    const saved = join(lab.directory, 'saved')
    const { report, request } = await traced(t, lab, '--intrude', '--save', saved)
    t.is(report.run.level, 'intrude')
    const { stdout } = await doctorHere('replay', saved, '--format', 'json')
    const again = JSON.parse(stdout) as Report
    t.deepEqual([again.traces, again.causes], [report.traces, report.causes])
    t.regex(request.rule ?? '', /^h2: ip filter FORWARD: /)
    t.true(request.evidenceFrom.includes('nft-trace'))
  })
})

for (const [victim, peer] of [
  ['h1', 'h2'],
  ['h2', 'h1'],
] as const) {
  live(`another VNI on ${victim} alone: found where the packet is taken out`, async (t) => {
    await withLab({ hosts: 3 }, async (lab) => {
      await inject(lab.name, findFault('vtep-vni-changed'), { victim, peer })
      const { exit, report, request } = await traced(t, lab)
      t.is(exit, 1)
      t.is(report.traces.length, 1)
      t.is(request.ends, 'vni-mismatch')
      t.is(request.agreement, 'confirmed')
      t.is(request.hops.at(-1)?.stage, 'decap')
      t.is(lastSeen(request), 'h2 eth0')
      const [sent, own] = victim === 'h1' ? [2, 1] : [1, 2]
      t.regex(request.says, new RegExp(`the packet has VNI ${sent}, h2 has flannel\\.1 ${own}`))
      t.is(request.dropReason, 'VXLAN_VNI_NOT_FOUND')
      t.is(report.causes[0]?.code, 'tunnel/vni:wrong')
      t.is(report.causes[0]?.subject.host, victim)
    })
  })
}
