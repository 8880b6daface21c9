/** Packets that end between the two hosts, one fault each: neighbour, FDB, encapsulation, underlay, decapsulation. */
import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { withContainer } from '../../fixtures/containers-for-tests.ts'
import {
  both,
  detour,
  down,
  type Edit,
  link,
  neighbours,
  onLink,
  rule,
  underlay,
  unread,
  VXLAN,
  vtep,
} from '../../fixtures/walk-edits-for-tests.ts'
import type { FdbEntry } from '../model/fdb.ts'
import { present } from '../model/present.ts'
import { testCases } from './walk/cases-for-tests.ts'

const STRANGE = '02:00:00:00:00:99'

const flannelNeighbour = (states: readonly string[], mac?: string): Edit =>
  neighbours('h1', (one) => {
    if (one.link !== 'flannel.1') return [one]
    const { address, link: on } = one
    return [{ address, link: on, states, ...present({ mac }) }]
  })

const fdbEntry =
  (own: Partial<FdbEntry>): Edit =>
  (cluster) =>
    withHost(cluster, 'h1', ({ fdb }) => ({ fdb: fdb.map((one) => ({ ...one, ...own })) }))
const emptyFdb: Edit = (cluster) => withHost(cluster, 'h1', () => ({ fdb: [] }))
const emptyFdbOfPeer: Edit = (cluster) => withHost(cluster, 'h2', () => ({ fdb: [] }))
const otherPublicIp: Edit = (cluster) =>
  withHost(cluster, 'h2', ({ addresses }) => ({
    addresses: addresses.map((one) =>
      one.link === 'eth0' ? onLink('eth0', '172.20.0.77', { address: underlay(77), length: 16 }) : one,
    ),
  }))
const PLUGGED = { flags: ['UP', 'LOWER_UP'], operstate: 'UP' }

testCases(test, VXLAN, [
  { name: 'no neighbour entry', edit: neighbours('h1', () => []), ends: 'no-neighbour at neighbour of h1' },
  {
    name: 'the neighbour has failed',
    edit: flannelNeighbour(['FAILED']),
    ends: 'no-neighbour at neighbour of h1',
  },
  {
    name: 'the neighbour has the MAC of nobody',
    edit: flannelNeighbour(['PERMANENT'], STRANGE),
    ends: 'wrong-neighbour at neighbour of h1',
  },
  {
    name: 'neighbours were not read',
    edit: unread('h1', 'neighbours'),
    ends: 'not-enough-facts at neighbour of h1',
  },
  { name: 'no FDB entry', edit: emptyFdb, ends: 'no-fdb at fdb of h1' },
  { name: 'the FDB was not read', edit: unread('h1', 'fdb'), ends: 'not-enough-facts at fdb of h1' },
  {
    name: 'only the way back lacks an FDB entry',
    edit: emptyFdbOfPeer,
    direction: 'reply',
    ends: 'no-fdb at fdb of h2',
  },
  {
    name: 'an FDB entry with a VNI of its own',
    edit: fdbEntry({ vni: 77 }),
    ends: 'vni-mismatch at decap of h2',
  },
  {
    name: 'an FDB entry with a port of its own',
    edit: fdbEntry({ port: 4789 }),
    ends: 'not-listening at decap of h2',
  },
  {
    name: 'the way to the peer leads by a host that does not forward',
    edit: both(detour('h1', underlay(2), { link: 'eth0', gateway: underlay(3) }), (cluster) =>
      withHost(cluster, 'h3', ({ sysctls }) => ({
        sysctls: new Map([...sysctls, ['net.ipv4.ip_forward', '0'], ['net.ipv4.conf.eth0.forwarding', '0']]),
      })),
    ),
    ends: 'no-route at underlay of h1',
  },
  { name: 'the flannel link is down', edit: down('h1', 'flannel.1'), ends: 'link-down at encap of h1' },
  {
    name: 'too large for the flannel link',
    edit: link('h1', 'flannel.1', { mtu: 1400 }),
    size: 1450,
    ends: 'too-big at encap of h1',
  },
  {
    name: 'too large for the underlay link',
    edit: link('h1', 'eth0', { mtu: 1400 }),
    size: 1450,
    ends: 'too-big at encap of h1',
  },
  {
    name: 'too large for the underlay link of an unknown kernel',
    edit: both(link('h1', 'eth0', { mtu: 1400 }), unread('h1', 'kernel')),
    size: 1450,
    ends: 'not-enough-facts at encap of h1',
  },
  {
    name: 'the VTEP sends from a foreign address',
    edit: vtep('h1', { local: '203.0.113.9' }),
    ends: 'no-route at encap of h1',
  },
  {
    name: 'a rule drops the outer packet',
    edit: rule('h1', 'OUTPUT', '-p udp -m udp --dport 8472 -j DROP'),
    ends: 'filtered at encap of h1',
  },
  {
    name: 'the way to the peer leads through the tunnel',
    edit: detour('h1', underlay(2), { link: 'flannel.1' }),
    ends: 'loop at encap of h1',
  },
  {
    name: 'the way to the peer leads to a bridge that has containers only',
    edit: detour('h1', underlay(2), { link: 'docker0' }),
    ends: 'wrong-route at underlay of h1',
  },
  {
    name: 'the way to the peer leads to a bridge that has a cable besides',
    edit: both(detour('h1', underlay(2), { link: 'docker0' }), (cluster) =>
      withHost(cluster, 'h1', ({ links }) => ({
        links: [...links, { index: 77, name: 'eth1', mtu: 1500, ...PLUGGED, master: 'docker0' }],
      })),
    ),
    ends: 'not-enough-facts at underlay of h1',
  },
  {
    name: 'the way to the peer leads to a bridge with a container that has its address',
    edit: both(detour('h1', underlay(2), { link: 'docker0' }), (cluster) =>
      withContainer(cluster, (one) => [
        {
          ...one,
          addresses: [...one.addresses, onLink('eth0', '172.20.0.2', { address: underlay(2), length: 32 })],
        },
      ]),
    ),
    ends: 'not-enough-facts at underlay of h1',
  },
  {
    name: 'the sender’s underlay link is down',
    edit: down('h1', 'eth0'),
    ends: 'link-down at underlay of h1',
  },
  { name: 'no host has the public IP', edit: otherPublicIp, ends: 'lost-on-underlay at underlay of h1' },
  {
    name: 'the receiver was not read',
    edit: unread('h2', 'links'),
    ends: 'not-enough-facts at underlay of h1',
  },
  {
    name: 'the receiver’s underlay link is down',
    edit: down('h2', 'eth0'),
    ends: 'link-down at underlay of h2',
  },
  {
    name: 'the receiver’s veth is too small',
    edit: link('h2', 'eth0', { mtu: 1400, kind: 'veth' }),
    size: 1450,
    ends: 'too-big at underlay of h2',
  },
  {
    name: 'the receiver’s card is too small',
    edit: link('h2', 'eth0', { mtu: 1400 }),
    size: 1450,
    ends: 'not-enough-facts at underlay of h2',
  },
  {
    name: 'the receiver drops the outer packet',
    edit: rule('h2', 'INPUT', '-p udp -m udp --dport 8472 -j DROP'),
    ends: 'filtered at decap of h2',
  },
  {
    name: 'the receiver has another port',
    edit: vtep('h2', { port: 4789 }),
    ends: 'not-listening at decap of h2',
  },
  { name: 'the receiver has another VNI', edit: vtep('h2', { vni: 7 }), ends: 'vni-mismatch at decap of h2' },
  {
    name: 'the receiver has another MAC',
    edit: link('h2', 'flannel.1', { mac: STRANGE }),
    ends: 'wrong-vtep at decap of h2',
  },
  {
    name: 'both VTEPs have one MAC',
    edit: link('h1', 'flannel.1', { mac: '0e:2a:00:00:00:02' }),
    ends: 'wrong-vtep at decap of h2',
  },
])
