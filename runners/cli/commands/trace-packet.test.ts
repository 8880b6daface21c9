/** `trace --tcp` and `--udp`: what pings do not show is followed to the rule or place that takes it. */
import test from 'ava'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { doctor, lastSeen, type namespaceOf, sh, traced } from './trace-command-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'perl')

interface Loss {
  readonly loss: string
  readonly at: Parameters<typeof namespaceOf>[1]
  readonly break: string
  readonly mend: string
  readonly flags: readonly string[]
  readonly ends: string
  readonly lastSeen: string
  readonly says: RegExp
}

const CHAIN = 'type filter hook forward priority 0'
const FORWARD = 'FORWARD -p tcp --dport 8080'
const LOSSES: readonly Loss[] = [
  {
    loss: 'a rule of iptables before routing, as Docker writes for published ports',
    at: 'h2',
    break: 'iptables -t raw -A PREROUTING ! -i docker0 -p tcp --dport 8080 -j DROP',
    mend: 'iptables -t raw -F PREROUTING',
    flags: ['--tcp', '8080'],
    ends: 'filtered',
    lastSeen: 'h2 flannel.1',
    says: /raw\/PREROUTING drops it: -A PREROUTING ! -i docker0 -p tcp -m tcp --dport 8080 -j DROP/,
  },
  {
    loss: 'a rule of nft for one port',
    at: 'h1',
    break: `nft 'table inet mine { chain f { ${CHAIN}; tcp dport 8080 drop; }; }'`,
    mend: 'nft delete table inet mine',
    flags: ['--tcp', '8080'],
    ends: 'filtered',
    lastSeen: 'h1 docker0',
    says: /nft inet mine\/f drops it: tcp dport 8080 drop/,
  },
  {
    loss: 'a reset that a filter sends in the name of the target',
    at: 'h2',
    break: `iptables -I ${FORWARD} -j REJECT --reject-with tcp-reset`,
    mend: `iptables -D ${FORWARD} -j REJECT --reject-with tcp-reset`,
    flags: ['--tcp', '8080'],
    ends: 'filtered',
    lastSeen: 'h2 flannel.1',
    says: /filter\/FORWARD rejects it/,
  },
  {
    loss: 'a switch that eats TCP inside the tunnel',
    at: 'switch',
    break: `nft 'table bridge eat { chain f { ${CHAIN}; udp dport 8472 @th,312,8 6 drop; }; }'`,
    mend: 'nft delete table bridge eat',
    flags: ['--tcp', '8080'],
    ends: 'lost-on-underlay',
    lastSeen: 'h1 eth0',
    says: /for TCP port 8080 .* seen on h1 eth0 and never on h2 eth0/,
  },
  {
    loss: 'a rule that no walk can judge, named by the rule trace',
    at: 'h2',
    break: "iptables -I FORWARD -p udp --dport 5300 -m bpf --bytecode '1,6 0 0 65535' -j DROP",
    mend: 'iptables -D FORWARD 1',
    flags: ['--udp', '5300', '--intrude'],
    ends: 'not-enough-facts',
    lastSeen: 'h2 flannel.1',
    says: /rule: h2: ip filter FORWARD: udp dport 5300 xt match bpf/,
  },
]

live('a port that is lost is followed to what takes it; pings pass meanwhile', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    for (const { loss, at, flags, ...one } of LOSSES) {
      await sh(lab, at, one.break)
      const { exit, report, request } = await traced(t, lab, ...flags)
      t.is(exit, 1, loss)
      t.is(request.ends, one.ends as never, loss)
      t.is(lastSeen(request), one.lastSeen, loss)
      t.regex(request.says, one.says, loss)
      t.is(report.verdict, 'broken', loss)
      t.true(report.causes.length > 0, loss)
      await sh(lab, at, one.mend)
    }
  })
})

for (const backend of ['vxlan', 'host-gw', 'udp'] as const) {
  live(`${backend}: open, closed and silent ports are reached`, async (t) => {
    await withLab({ hosts: 2, backend }, async (lab) => {
      for (const flags of [
        ['--tcp', '8080'],
        ['--udp', '5300'],
      ]) {
        const { exit, report, request, reply } = await traced(t, lab, ...flags)
        t.is(exit, 0)
        t.is(report.verdict, 'healthy')
        t.deepEqual([request.ends, reply?.ends, request.packet?.answer], ['delivered', 'delivered', 'closed'])
        t.is(request.agreement, 'confirmed')
      }
      await sh(
        lab,
        'h2c1',
        "(timeout 30 perl -MSocket -e 'socket(S,2,2,17);bind(S,sockaddr_in(5300,INADDR_ANY));sleep 30' >/dev/null 2>&1 </dev/null &) ; for _ in 1 2 3 4 5 6 7 8 9; do ss -Hlnu | grep -q :5300 && exit 0; sleep 0.2; done",
      )
      const { exit, request, reply } = await traced(t, lab, '--udp', '5300')
      t.deepEqual([exit, request.ends, request.ping.received, reply], [0, 'delivered', 0, undefined])
    })
  })
}

test('a port is a number, and one protocol at a time', async (t) => {
  for (const flags of [
    ['--tcp', '0'],
    ['--udp', '70000'],
    ['--tcp', '80', '--udp', '53'],
    ['--tcp', '80', '--size', '84'],
  ])
    t.is((await doctor('trace', 'a', 'b', ...flags)).exit, 2, flags.join(' '))
})
