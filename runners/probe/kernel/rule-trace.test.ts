/** The rule trace names what real packet filters of nft and iptables-nft drop. */
import test from 'ava'
import type { RuleDrop } from '../../../checks/model/trace-observation.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { DEFAULT_TUNNEL_PORTS } from '../capture/decoding.ts'
import { newProbeIdentity } from '../capture/probe-identity.ts'
import { probesOn } from '../own/leftovers.ts'
import { newProbeToken } from '../own/probe-token.ts'
import { pathOf, pingAlong } from './path-for-tests.ts'
import { startRuleTrace } from './rule-trace.ts'
import { traceTableScript } from './rule-trace-table.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

const OVERLAY_DROP =
  'table ip overlay { chain in { type filter hook input priority 0; udp dport 8472 drop; }; }'
const FAULTS: readonly { fault: string; script: (to: string) => string; drop: Partial<RuleDrop> }[] = [
  {
    fault: 'a native nft rule without a counter',
    script: (to) =>
      `nft 'table ip killer { chain fw { type filter hook forward priority 10; ip daddr ${to} drop; }; }'`,
    drop: { family: 'ip', table: 'killer', chain: 'fw', outputLink: 'docker0', tunnelled: false },
  },
  {
    fault: 'a rule of iptables',
    script: (to) => `iptables-nft -I FORWARD -d ${to} -p icmp -j DROP`,
    drop: { family: 'ip', table: 'filter', chain: 'FORWARD', inputLink: 'flannel.1', tunnelled: false },
  },
  {
    fault: 'a dropped overlay port',
    script: () => `nft '${OVERLAY_DROP}'`,
    drop: { family: 'ip', table: 'overlay', chain: 'in', inputLink: 'eth0', tunnelled: true },
  },
]

for (const { fault, script, drop } of FAULTS) {
  live(`${fault} is named`, async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      const path = pathOf(lab)
      const [, to] = path.addresses
      const probe = newProbeIdentity()
      t.deepEqual((await path.hosts[1].run(['sh', '-c', script(to)])).end, { exit: 0 })
      const trace = await startRuleTrace(path.hosts[1], { id: probe.id, to, ports: DEFAULT_TUNNEL_PORTS })
      t.is(trace.problem, undefined)
      t.false(await pingAlong(path, probe))
      const { drops, unproven } = await trace.stop()
      t.is(unproven, undefined)
      t.is(drops.length, 1)
      t.like(drops[0], drop)
      t.truthy(drops[0]?.rule)
    })
  })
}

live('a healthy ping is dropped by no rule, and nothing is left', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const path = pathOf(lab)
    const [host] = path.hosts
    const probe = newProbeIdentity()
    const trace = await startRuleTrace(host, {
      id: probe.id,
      to: path.addresses[1],
      ports: DEFAULT_TUNNEL_PORTS,
    })
    t.true(await pingAlong(path, probe))
    const { drops, steps, unproven } = await trace.stop()
    t.is(unproven, undefined)
    t.deepEqual(drops, [])
    t.true(steps.some(({ chain }) => chain === 'FORWARD'))
    const { stdout } = await host.run(['nft', 'list', 'tables'])
    t.notRegex(Buffer.from(stdout).toString('utf8'), /flannel_doctor/)
    const mine = (await probesOn(host)).filter((token) => token.includes(`_${process.pid}_`))
    t.deepEqual(mine, [])
  })
})

test('only numbers reach the table', (t) => {
  const probe = { id: 1, to: '10.1.2.3', ports: DEFAULT_TUNNEL_PORTS }
  t.regex(traceTableScript(newProbeToken(), probe, 2), /icmp id 1 ip daddr 10\.1\.2\.3 meta nftrace set 1/)
  for (const to of ['10.1.2.3; drop', '10.1.2.300', '', '::1']) {
    t.throws(() => traceTableScript(newProbeToken(), { ...probe, to }, 2), { instanceOf: TypeError })
  }
  t.throws(() => traceTableScript(newProbeToken(), { ...probe, id: 1.5 }, 2), { instanceOf: RangeError })
})
