/** Which lost pings are followed: one for each reason, the unexplained first. */
import test from 'ava'
import { losing, lost, withPings } from '../../../fixtures/observations-for-tests.ts'
import { rule, sysctl, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { Observation, PingObservation } from '../../model/observation.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { pingsToFollow } from './lost-pings.ts'

const words = (snapshot: ClusterSnapshot, most?: number) =>
  pingsToFollow(snapshot, most).map(
    ({ pair: { from, to }, size }) =>
      `${from.container ?? from.host} ${from.address} to ${to.container ?? to.host} ${to.address} ${size}`,
  )

const overlay = ({ pattern }: PingObservation): boolean => pattern !== 'hu'

test('every ping answered: none', (t) => {
  t.deepEqual(words(withPings(VXLAN)), [])
})

test('without a word of the state, one between every two hosts, the longest way', (t) => {
  const cut = withPings(VXLAN, losing('h2', overlay))
  t.deepEqual(words(cut), ['h1c1 10.2.1.2 to h2c1 10.2.2.2 84', 'h2c1 10.2.2.2 to h3c1 10.2.3.2 84'])
})

test('what one rule takes from many, either way, is followed once', (t) => {
  const dropped = rule('h2', 'FORWARD', '-p icmp -j DROP')(VXLAN)
  const passes = ({ pattern, to }: PingObservation): boolean =>
    pattern === 'cc' || (pattern === 'hc' && to.host === 'h2')
  t.deepEqual(words(withPings(dropped, losing('h2', passes))), ['h1c1 10.2.1.2 to h2c1 10.2.2.2 84'])
})

test('what one rule may take from many is followed once', (t) => {
  const open = rule('h2', 'FORWARD', '-m bpf --bytecode 1,6 -j DROP')(VXLAN)
  const cut = withPings(
    open,
    losing('h2', ({ pattern }) => pattern === 'cc'),
  )
  t.deepEqual(words(cut), ['h1c1 10.2.1.2 to h2c1 10.2.2.2 84'])
})

test('two reasons are two pings, and one that nothing predicts comes first', (t) => {
  const off = sysctl('h2', 'net.ipv4.conf.flannel.1.forwarding', '0')(VXLAN)
  const isLost = ({ pattern, from, to }: PingObservation): boolean =>
    to.host === 'h2' ? pattern.endsWith('c') : overlay({ pattern } as PingObservation) && from.host !== 'h2'
  const cut = withPings(off, (ping) => (isLost(ping) ? lost(ping) : ping))
  t.deepEqual(words(cut), ['h1c1 10.2.1.2 to h3c1 10.2.3.2 84', 'h1c1 10.2.1.2 to h2c1 10.2.2.2 84'])
  t.is(words(cut, 1).length, 1)
})

test('one large packet is followed for the host that has most of the lost ones, at the size that was lost', (t) => {
  const narrow = withPings(
    VXLAN,
    losing('h3', ({ full, pattern }) => full && pattern === 'cc'),
  )
  t.deepEqual(words(narrow), ['h1c1 10.2.1.2 to h3c1 10.2.3.2 1450'])
})

test('a lost connection of each protocol is followed where no rule of the state takes it', (t) => {
  const connection = (protocol: 'tcp' | 'udp', state: 'lost' | 'answered', to: string): Observation => ({
    ...{ kind: 'connection', protocol, state, from: { host: 'h1', container: 'h1c1' } },
    ...{
      to: { host: to, container: `${to}c1` },
      address: `10.2.${to.slice(1)}.2`,
      port: 40_000,
      command: '',
    },
  })
  const lostTo = (cluster: ClusterSnapshot) =>
    pingsToFollow(
      withPings(cluster, (ping) => ping, [
        connection('tcp', 'answered', 'h3'),
        connection('tcp', 'lost', 'h2'),
        connection('tcp', 'lost', 'h3'),
        connection('udp', 'lost', 'h2'),
      ]),
    ).map(({ pair, packet }) => `${packet?.protocol} ${packet?.destinationPort} ${pair.to.host}`)
  t.deepEqual(lostTo(VXLAN), ['tcp 40000 h2', 'udp 40000 h2'])
  t.deepEqual(lostTo(rule('h2', 'FORWARD', '-d 10.2.2.2/32 -p tcp -j DROP')(VXLAN)), [
    'tcp 40000 h3',
    'udp 40000 h2',
  ])
})

test('the underlay alone, what was refused by the sender, and what could not be sent are not followed', (t) => {
  t.deepEqual(
    words(
      withPings(
        VXLAN,
        losing('h2', ({ pattern }) => pattern === 'hu'),
      ),
    ),
    [],
  )
  const refused = { kind: 'too-long', text: 'message too long', mtu: 1400 } as const
  t.deepEqual(words(withPings(VXLAN, (ping) => (ping.full ? { ...lost(ping), error: refused } : ping))), [])
})
