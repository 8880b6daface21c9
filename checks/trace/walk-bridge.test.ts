/** Packets that a bridge keeps, and those for which nobody answers ARP requests: one fault each. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { withNetwork, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import {
  both,
  type Edit,
  link,
  neighbours,
  onLink,
  sysctl,
  VXLAN,
} from '../../fixtures/walk-edits-for-tests.ts'
import type { FdbEntry } from '../model/fdb.ts'
import type { BridgePort, LinkAddress } from '../model/link.ts'
import { C1, endOf, PLAIN, testCases } from './walk/cases-for-tests.ts'
import { walkPing } from './walk.ts'

const PORT = { state: 'forwarding', learning: true, flood: true, isolated: false, locked: false }
const port = (host: string, changes: Partial<BridgePort>): Edit =>
  link(host, 'vc1', { bridgePort: { ...PORT, ...changes } })

const MAC = '06:c1:00:00:00:02'
/** The entries of the bridge of h2 for its container. */
const fdb = (...entries: readonly Partial<FdbEntry>[]): Edit => {
  const usual = { mac: MAC, link: 'vc1', master: 'docker0', flags: [], state: '' }
  return (cluster) =>
    withHost(cluster, 'h2', (facts) => ({
      fdb: [...facts.fdb.filter(({ mac }) => mac !== MAC), ...entries.map((one) => ({ ...usual, ...one }))],
    }))
}
const bridgeAddress =
  (changes: Partial<LinkAddress>): Edit =>
  (cluster) =>
    withHost(cluster, 'h1', ({ addresses }) => ({
      addresses: addresses.map((one) => (one.link === 'docker0' ? { ...one, ...changes } : one)),
    }))
const unresolved = neighbours('h2', (one) => (one.link === 'docker0' ? [] : [one]))
const inside =
  (name: string, value: string): Edit =>
  (cluster) =>
    withNetwork(cluster, 'h2', ({ sysctls }) => ({ sysctls: new Map([...sysctls, [name, value]]) }))

testCases(test, VXLAN, [
  {
    name: 'the bridge does not know its own MAC',
    edit: (cluster) =>
      withHost(cluster, 'h1', (facts) => ({ fdb: facts.fdb.filter(({ link: one }) => one !== 'docker0') })),
    ends: 'no-fdb at bridge of h1',
  },
  {
    name: 'a port that is disabled',
    edit: port('h1', { state: 'disabled' }),
    ends: 'link-down at bridge of h1',
  },
  {
    name: 'a port that is blocked',
    edit: port('h2', { state: 'blocking' }),
    ends: 'link-down at bridge-in of h2',
  },
  {
    name: 'a port that waits for the spanning tree',
    edit: both(port('h2', { state: 'listening' }), link('h2', 'docker0', { isSpanningTree: true })),
    ends: 'link-down at bridge-in of h2',
  },
  {
    name: 'a locked port and no entry',
    edit: both(port('h2', { locked: true }), fdb()),
    direction: 'reply',
    ends: 'link-down at bridge of h2',
  },
  {
    name: 'a locked port and an entry',
    edit: both(port('h2', { locked: true }), fdb({ state: 'static' })),
    direction: 'reply',
    ends: 'delivered',
  },
  {
    name: 'an entry that leads to another port',
    edit: both(port('h2', {}), fdb({ link: 'vc9', state: 'static' })),
    ends: 'no-fdb at bridge-in of h2',
  },
  {
    name: 'an entry of the bridge itself',
    edit: both(port('h2', {}), fdb({ link: 'docker0', state: 'permanent' })),
    ends: 'no-fdb at bridge-in of h2',
  },
  {
    name: 'a local entry on the right port, which the host sends by',
    edit: both(port('h2', {}), fdb({ state: 'permanent' })),
    ends: 'delivered',
  },
  {
    name: 'a learned entry of another port, which the next frame corrects',
    edit: both(port('h2', {}), fdb({ link: 'vc9' })),
    ends: 'delivered',
  },
  {
    name: 'nothing known and no flooding',
    edit: both(port('h2', { flood: false }), fdb()),
    ends: 'no-fdb at bridge-in of h2',
  },
  {
    name: 'the bridge has ARP switched off',
    edit: link('h1', 'docker0', { flags: ['BROADCAST', 'NOARP', 'UP', 'LOWER_UP'] }),
    ends: 'no-neighbour at bridge of h1',
  },
  {
    name: 'the host answers for no address',
    edit: sysctl('h1', 'net.ipv4.conf.docker0.arp_ignore', '8'),
    ends: 'no-neighbour at bridge of h1',
  },
  {
    name: 'the host answers for addresses of the link',
    edit: sysctl('h1', 'net.ipv4.conf.all.arp_ignore', '1'),
    ends: 'delivered',
  },
  {
    name: 'the host answers no asker of another subnet',
    edit: both(
      sysctl('h1', 'net.ipv4.conf.all.arp_ignore', '2'),
      bridgeAddress({ prefix: { address: 0x0a020101, length: 32 } }),
    ),
    ends: 'no-neighbour at bridge of h1',
  },
  {
    name: 'the host answers for no address of scope host',
    edit: both(sysctl('h1', 'net.ipv4.conf.all.arp_ignore', '3'), bridgeAddress({ scope: 'host' })),
    ends: 'no-neighbour at bridge of h1',
  },
  {
    name: 'the host answers for addresses of a wider scope',
    edit: sysctl('h1', 'net.ipv4.conf.all.arp_ignore', '3'),
    ends: 'delivered',
  },
  {
    name: 'the host answers where it would send by the same link',
    edit: sysctl('h1', 'net.ipv4.conf.all.arp_filter', '1'),
    ends: 'delivered',
  },
  {
    name: 'the container answers for no address',
    edit: both(unresolved, inside('net.ipv4.conf.eth0.arp_ignore', '8')),
    ends: 'no-neighbour at bridge-in of h2',
  },
])

test('isolated ports of one bridge', (t) => {
  const own = onLink('eth0', '10.2.1.9', { address: 0x0a020109, length: 24 })
  const two = withSecondContainer(port('h1', { isolated: true })(VXLAN), { addresses: [own] })
  const { request } = walkPing(
    two,
    { from: C1, to: { host: 'h1', container: 'h1c2', address: '10.2.1.9' } },
    PLAIN,
  )
  t.is(endOf(request), 'link-down at bridge-in of h1')
})
