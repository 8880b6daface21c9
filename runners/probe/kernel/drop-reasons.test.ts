/** What the kernel says about pings that real faults kill. */
import test from 'ava'
import { placeDrop } from '../../../checks/trace/seen/placed-drop.ts'
import { withLab } from '../../lab/build/up.ts'
import { needs } from '../../test-needs.ts'
import { DEFAULT_TUNNEL_PORTS } from '../capture/decoding.ts'
import { newProbeIdentity } from '../capture/probe-identity.ts'
import { startTaps } from '../capture/taps.ts'
import { type DropReport, startDropWatch } from './drop-reasons.ts'
import { parseTrace, reasonNames } from './ftrace-text.ts'
import { ourDrops } from './kernel-drops.ts'
import { type LabPath, pathOf, pingAlong } from './path-for-tests.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')

/** A size of its own: the kernel's trace sees the labs of other tests as well. */
const WATCHED_SIZE = 61

interface Watched extends DropReport {
  readonly answered: boolean
  /** `REASON location host` of each drop that is not the normal end. */
  readonly told: readonly string[]
}

async function watchedPing(path: LabPath): Promise<Watched> {
  const probe = newProbeIdentity()
  const taps = await startTaps(path.points, { probes: [probe], ports: DEFAULT_TUNNEL_PORTS })
  const watch = await startDropWatch(path.hosts[0], WATCHED_SIZE)
  const answered = await pingAlong(path, probe, WATCHED_SIZE)
  const report = await watch.stop()
  const sightings = (await taps.stop()).flatMap((tap) =>
    tap.sightings.map(({ at }) => ({ host: tap.point.host, link: tap.point.link, at })),
  )
  const told = report.drops
    .filter(({ normal }) => !normal)
    .map((drop) => `${drop.reason} ${drop.location} ${placeDrop(drop, sightings)?.host}`)
  return { ...report, answered, told }
}

/** Each fault as commands on a host, with what the kernel says of the one ping. */
const FAULTS: readonly { fault: string; on: 0 | 1; commands: (to: string) => string[]; said: RegExp }[] = [
  {
    fault: 'a FORWARD rule of the receiving host',
    on: 1,
    commands: (to) => [`iptables -I FORWARD -d ${to} -p icmp -j DROP`],
    said: /^NETFILTER_DROP (nft_do_chain|nf_hook_slow) h2$/,
  },
  {
    fault: 'forwarding switched off on the receiving host',
    on: 1,
    commands: () => ['sysctl -qw net.ipv4.conf.all.forwarding=0'],
    said: /^IP_INADDRERRORS ip_error h2$/,
  },
  {
    fault: 'a VNI that differs',
    on: 0,
    commands: () => [
      'ip -d -o link show flannel.1 | grep -q "id 1 "',
      'bridge fdb show dev flannel.1 | grep dst | while read -r mac _ ip _; do bridge fdb replace "$mac" dev flannel.1 dst "$ip" vni 9; done',
    ],
    said: /^VXLAN_VNI_NOT_FOUND vxlan_rcv h2$/,
  },
  {
    fault: 'no FDB entry',
    on: 0,
    commands: () => [
      'bridge fdb show dev flannel.1 | grep dst | while read -r mac rest; do bridge fdb del "$mac" dev flannel.1; done',
    ],
    said: /^NO_TX_TARGET vxlan_\w+ h1$/,
  },
]

for (const { fault, on, commands, said } of FAULTS) {
  live(`${fault} is named with its host`, async (t) => {
    await withLab({ hosts: 2 }, async (lab) => {
      const path = pathOf(lab)
      for (const command of commands(path.addresses[1])) {
        const { end, stderr } = await path.hosts[on].run(['sh', '-c', command])
        t.deepEqual(end, { exit: 0 }, stderr)
      }
      const { answered, told, unproven } = await watchedPing(path)
      t.false(answered)
      t.is(unproven, undefined)
      t.is(told.length, 1, told.join('; '))
      t.regex(told[0] ?? '', said)
    })
  })
}

live('a healthy ping is dropped nowhere', async (t) => {
  await withLab({ hosts: 2 }, async (lab) => {
    const { answered, told, drops, unproven } = await watchedPing(pathOf(lab))
    t.true(answered)
    t.deepEqual(told, [])
    t.is(unproven, undefined)
    t.true(drops.every(({ exact, hops }) => exact && hops.length > 5))
  })
})

const FORMAT = `print fmt: "skbaddr=%p reason: %s", REC->skbaddr, __print_symbolic(REC->reason, { 2, "NOT_SPECIFIED" }, { 12, "NETFILTER_DROP" })`

test('reasons are named by the table of the running kernel', (t) => {
  const names = reasonNames(FORMAT)
  t.deepEqual(
    [...names],
    [
      [2, 'NOT_SPECIFIED'],
      [12, 'NETFILTER_DROP'],
    ],
  )
  const line =
    'ping-7 [000] ..s.. 100.000001: kfree_skb: skbaddr=00000000aa protocol=2048 location=f+0x1/0x2 reason: 0xc'
  t.is(parseTrace(line, names).events[0]?.reason, 'NETFILTER_DROP')
})

const hop = (time: string, skb: string): string =>
  ` a b-12  [001] ..s1. ${time}: netif_receive_skb: dev=eth0 skbaddr=${skb} len=84`
const drop = (time: string, skb: string, reason: string): string =>
  ` <idle>-0  [001] ..s1. ${time}: kfree_skb: skbaddr=${skb} rx_sk=0 protocol=2048 location=${reason === 'QUEUE_PURGE' ? 'sk_stream_kill_queues' : 'ip_rcv'}+0x9/0x20 reason: ${reason}`

test('a drop is ours only right behind a hop of the same buffer', (t) => {
  const text = [
    ' x-1 [000] ..... 99.0: tracing_mark_write: mark 1099.25',
    hop('100.000000', 'aa'),
    drop('100.000100', 'aa', 'NETFILTER_DROP'),
    drop('100.000200', 'aa', 'OTHER_PACKET'),
    drop('100.000300', 'bb', 'NEVER_SEEN'),
    hop('100.100000', 'cc'),
    drop('100.200000', 'cc', 'TOO_LATE'),
    hop('101.000000', 'dd'),
    drop('104.000000', 'dd', 'NEIGH_FAILED'),
    hop('105.000000', 'ee'),
    drop('107.000000', 'ee', 'QUEUE_PURGE'),
    hop('108.000000', 'ff'),
    drop('108.000100', 'ff', 'QUEUE_PURGE'),
    'lost 3',
    'not a line',
  ].join('\n')
  const trace = parseTrace(text, new Map())
  t.is(trace.lost, 3)
  const drops = ourDrops(trace, true)
  t.deepEqual(
    drops.map(({ reason, location }) => [reason, location]),
    [
      ['NETFILTER_DROP', 'ip_rcv'],
      ['NEIGH_FAILED', 'ip_rcv'],
    ],
  )
  t.is(Math.round(drops[0]?.at ?? 0), 1_100_000)
  t.is(Math.round(ourDrops(trace, false)[0]?.at ?? 0), 1_100_250)
})
