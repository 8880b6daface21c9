/** What carries packets between two hosts is walked once for packets alike, and never where a rule looks inside. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { both, down, type Edit, rule, sysctl, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import { nativeTable } from '../../runners/collect/facts/rules-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Endpoint } from './trace.ts'
import { C1, C2 } from './walk/cases-for-tests.ts'
import type { WalkPacket } from './walk/state.ts'
import { type Pair, walkPing } from './walk.ts'

/** The first packet of a connection inside vxlan, by the protocol in the header inside. */
const innerTcp = (host: string): Edit => {
  const inside = { payload: { base: 'th', offset: 312, len: 8 } }
  const words = [{ match: { op: '==', left: inside, right: 6 } }, { drop: null }]
  const nftables = nativeTable('own', { family: 'ip', hook: 'input', policy: 'accept' }, words)
  return (cluster) => withHost(cluster, host, () => ({ nftables }))
}

const HOST: Endpoint = { host: 'h1', address: '10.2.1.0' }
const PAIRS: readonly Pair[] = [
  { from: C1, to: C2 },
  { from: HOST, to: C2 },
  { from: C2, to: C1 },
]
const PACKETS: readonly WalkPacket[] = [
  { size: 84 },
  { size: 84, protocol: 'tcp' },
  { size: 1450 },
  { size: 1451 },
  { size: 84, protocol: 'udp' },
]
const WALKS = PAIRS.flatMap((pair) => PACKETS.map((packet) => ({ pair, packet })))

/** Every walk of one snapshot, one after another. */
function together(cluster: ClusterSnapshot): readonly unknown[] {
  return [...WALKS, ...WALKS].map(({ pair, packet }) => walkPing(cluster, pair, packet))
}

/** Every walk of a snapshot of its own. */
function apart(cluster: ClusterSnapshot): readonly unknown[] {
  return [...WALKS, ...WALKS].map(({ pair, packet }) => walkPing({ ...cluster }, pair, packet))
}

const EDITS: Readonly<Record<string, Edit>> = {
  'nothing wrong': (cluster) => cluster,
  'a rule of the receiver that looks inside': innerTcp('h2'),
  'rules of both that look inside': both(innerTcp('h1'), innerTcp('h2')),
  'a rule about sizes': rule('h2', 'INPUT', '-p udp --dport 8472 -m length --length 1000:65535 -j DROP'),
  'a rule that marks': rule('h2', 'mangle/PREROUTING', '-p udp -j MARK --set-mark 5'),
  'a mark that hides the packet': rule('h1', 'mangle/FORWARD', '-p tcp -j MARK --set-mark 7'),
  'a receiver that refuses the source': sysctl('h2', 'net.ipv4.conf.all.rp_filter', '1'),
  'a receiver whose link is down': down('h2', 'flannel.1'),
}

for (const [name, edit] of Object.entries(EDITS))
  test(`${name}: packets that follow each other fare as each alone`, (t) => {
    t.deepEqual(together(edit(VXLAN)), apart(edit(VXLAN)))
  })

test('a ping passes before the connection that a rule takes by what is inside', (t) => {
  const cluster = innerTcp('h2')(VXLAN)
  const ends = (packet: WalkPacket) => walkPing(cluster, { from: C1, to: C2 }, packet).request.ends
  t.deepEqual([ends({ size: 84 }), ends({ size: 84, protocol: 'tcp' })], ['delivered', 'filtered'])
})
