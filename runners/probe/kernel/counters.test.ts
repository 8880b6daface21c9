/** Counters of real networks, and which of them tell of which fault. */
import test from 'ava'
import type { CounterDelta } from '../../../checks/model/trace-observation.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { newProbeIdentity } from '../capture/probe-identity.ts'
import { counterDeltas } from './counter-deltas.ts'
import { parseCounters, readCounters } from './counters.ts'
import { type LabPath, pathOf, pingAlong } from './path-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** `h1 flannel.1 tx.dropped 1`, `h2 Ip.InAddrErrors 1`, `h2 policy filter FORWARD 1`. */
function words(host: string, delta: CounterDelta): string {
  if (delta.kind === 'protocol') return `${host} ${delta.name} ${delta.by}`
  if (delta.kind === 'link') return `${host} ${delta.link} ${delta.name} ${delta.by}`
  const { table, chain, target } = delta.rule
  return `${host} ${table} ${chain} ${target} ${delta.by}`
}

async function told(path: LabPath): Promise<readonly string[]> {
  const read = () => Promise.all(path.hosts.map(readCounters))
  const before = await read()
  await pingAlong(path, newProbeIdentity())
  const after = await read()
  return before.flatMap((counters, i) => {
    const now = after[i]
    return now === undefined ? [] : counterDeltas(counters, now).map((delta) => words(`h${i + 1}`, delta))
  })
}

const EACH_FDB_ENTRY =
  'bridge fdb show dev flannel.1 | grep dst | while read -r mac rest; do bridge fdb del "$mac" dev flannel.1; done'
const FAULTS: readonly { fault: string; on: 0 | 1; script: (to: string) => string; tells: string }[] = [
  { fault: 'no FDB entry', on: 0, script: () => EACH_FDB_ENTRY, tells: 'h1 flannel.1 tx.dropped' },
  {
    fault: 'forwarding off',
    on: 1,
    script: () => 'sysctl -qw net.ipv4.conf.all.forwarding=0',
    tells: 'h2 Ip.InAddrErrors',
  },
  {
    fault: 'no listener',
    on: 1,
    script: () => 'ip link set flannel.1 down',
    tells: 'h2 Udp.NoPorts',
  },
  {
    fault: 'another VTEP MAC',
    on: 1,
    script: () => 'ip link set flannel.1 address 02:00:00:00:00:09',
    tells: 'h2 flannel.1 rx.otherhost',
  },
  {
    fault: 'a rule that drops',
    on: 1,
    script: (to) => `iptables -I FORWARD -d ${to} -p icmp -j DROP`,
    tells: 'h2 filter FORWARD DROP',
  },
]

for (const { fault, on, script, tells } of FAULTS) {
  live(`${fault}: ${tells}`, async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      const path = pathOf(lab)
      t.deepEqual((await path.hosts[on].run(['sh', '-c', script(path.addresses[1])])).end, { exit: 0 })
      const deltas = await told(path)
      t.true(
        deltas.some((delta) => delta.startsWith(`${tells} `)),
        deltas.join('; '),
      )
    })
  })
}

live('a healthy ping moves no telling counter', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    // The kernel's IPv6 router solicitations go to a group that no FDB entry has.
    const deltas = (await told(pathOf(lab))).filter((delta) => !/flannel\.1 tx\.dropped/.test(delta))
    t.deepEqual(deltas, [])
  })
})

test('the same rule written twice keeps two counts', (t) => {
  const rules = (first: number, second: number): string =>
    `== nft\n*filter\n:FORWARD DROP [${first}:0]\n[${first}:0] -A FORWARD -j DROP\n[${second}:0] -A FORWARD -j DROP\nCOMMIT\n`
  const deltas = counterDeltas(parseCounters(rules(1, 5)), parseCounters(rules(3, 5)))
  t.deepEqual(
    deltas.map(({ by }) => by),
    [2, 2],
  )
})

test('what cannot be read is left out', (t) => {
  const counters = parseCounters(
    '== snmp\nIp: A B\nIp: 1 x\nTcp: C\n== links\n[{"ifname":3},7]\n== nft\nnonsense',
  )
  t.deepEqual([...counters.protocols], [['Ip.A', 1]])
  t.is(counters.links.size, 0)
  t.deepEqual(counters.rules, [])
})
