import test from 'ava'
import { isUp } from '../../../checks/model/link.ts'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { links } from './links.ts'

const recorded = (state: string, host = 'h1') => parsedValue(links, recordedText(state, host, 'links'))

test('a vxlan link carries its tunnel attributes and counters', (t) => {
  const vtep = recorded('v0.10.0-vxlan').find(({ name }) => name === 'flannel.1')
  t.deepEqual(vtep, {
    index: 3,
    name: 'flannel.1',
    kind: 'vxlan',
    mtu: 1450,
    mac: '66:0f:32:9a:12:5b',
    flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
    operstate: 'UNKNOWN',
    vxlan: { vni: 1, local: '192.168.177.1', underlay: 'eth0', port: 8472, learning: false, gbp: false },
    statistics: {
      rxPackets: 4,
      txPackets: 4,
      rxErrors: 0,
      txErrors: 0,
      rxDropped: 0,
      txDropped: 6,
      txCarrierErrors: 0,
    },
  })
})

test('a bridge port names its bridge and the index of its other end', (t) => {
  const port = recorded('v0.10.0-vxlan').find(({ name }) => name === 'vc1')
  t.is(port?.master, 'docker0')
  t.is(port?.peerIndex, 2)
})

test('a tun link has no MAC address', (t) => {
  const tun = recorded('v0.10.0-udp').find(({ name }) => name === 'flannel0')
  t.is(tun?.kind, 'tun')
  t.is(tun?.mac, undefined)
  t.true(tun !== undefined && isUp(tun))
})

for (const host of ['h1', 'h2', 'h3']) {
  test(`the plain form of links of ${host} says the same as its JSON form`, (t) => {
    const known = recorded('v0.10.0-vxlan', host).map(({ statistics: _, ...link }) => link)
    const plain = recorded('v0.10.0-vxlan-plain', host).map(({ peerNamespace: _, ...link }) => link)
    t.deepEqual(plain, known)
  })
}

test('the plain form names the namespace of the other end', (t) => {
  const port = recorded('v0.10.0-vxlan-plain').find(({ name }) => name === 'vc1')
  t.is(port?.peerNamespace, 'q1c1')
})

test('counters of the plain form are read by their column names', (t) => {
  const text = `2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP mode DEFAULT qlen 1000
    link/ether 52:54:00:8A:fe:e6 brd ff:ff:ff:ff:ff:ff promiscuity 0 addrgenmode eui64 numtxqueues 1
    RX: bytes  packets  errors  dropped overrun mcast
    9001       12       1       2       0       0
    RX errors: length   crc     frame   fifo    missed otherhost
               0        0       0       0       0      7
    TX: bytes  packets  errors  dropped carrier collsns
    8001       11       3       4       5       0
    TX errors: aborted  fifo   window heartbeat
               0        0       0       0
`
  const [link] = parsedValue(links, text)
  t.deepEqual(link?.statistics, {
    rxPackets: 12,
    txPackets: 11,
    rxErrors: 1,
    txErrors: 3,
    rxDropped: 2,
    txDropped: 4,
    txCarrierErrors: 5,
    rxOtherHost: 7,
  })
  t.is(link?.mac, '52:54:00:8a:fe:e6')
  t.is(link?.kind, undefined)
})

test('a veth pair inside one namespace is resolved by name', (t) => {
  const rows = ['a', 'b'].map((name, at) => ({
    ifindex: at + 1,
    ifname: name,
    link: name === 'a' ? 'b' : 'a',
    flags: [],
    mtu: 1500,
    operstate: 'UP',
    linkinfo: { info_kind: 'veth' },
  }))
  t.deepEqual(
    parsedValue(links, JSON.stringify(rows)).map(({ peerIndex }) => peerIndex),
    [2, 1],
  )
})

test('empty objects among the rows are dropped', (t) => {
  t.deepEqual(parsedValue(links, '[{},{},{}]'), [])
})

test('text of another command is no links', (t) => {
  t.throws(() => parsedValue(links, 'Usage: ip [ OPTIONS ]'), { message: /not a line of ip link/ })
})

test('a tun link has a length of its queue, of which iproute2 is silent where it is 0', (t) => {
  const lengthOf = (text: string) => parsedValue(links, text)[0]?.queueLength
  const row = { ifindex: 3, ifname: 'flannel0', flags: [], mtu: 1472, linkinfo: { info_kind: 'tun' } }
  t.is(lengthOf(JSON.stringify([{ ...row, txqlen: 500 }])), 500)
  t.is(lengthOf(JSON.stringify([row])), 0)
  const plain = (words: string) => `3: flannel0: <UP> mtu 1472 qdisc pfifo_fast state UNKNOWN${words}
    link/none  promiscuity 0
    tun type tun pi off vnet_hdr off persist off
`
  t.is(lengthOf(plain(' qlen 500')), 500)
  t.is(lengthOf(plain('')), 0)
})

test('a macvlan in mode passthru takes all that comes in by its lower link', (t) => {
  const takenBy = (text: string) => parsedValue(links, text)[0]?.takes
  const row = (mode: string) => ({
    ...{ ifindex: 4, ifname: 'mv0', link: 'eth0', flags: [], mtu: 1500 },
    linkinfo: { info_kind: 'macvlan', info_data: { mode } },
  })
  t.is(takenBy(JSON.stringify([row('passthru')])), 'eth0')
  t.is(takenBy(JSON.stringify([row('bridge')])), undefined)
  const plain = (mode: string) => `4: mv0@eth0: <UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    macvlan mode ${mode} bcqueuelen 1000
`
  t.is(takenBy(plain('passthru')), 'eth0')
  t.is(takenBy(plain('bridge')), undefined)
})

test('a bridge with the spanning tree of the kernel, not that of a program', (t) => {
  const told = (text: string) => parsedValue(links, text)[0]?.isSpanningTree
  const row = (state: number) => ({
    ...{ ifindex: 4, ifname: 'docker0', flags: [], mtu: 1500 },
    linkinfo: { info_kind: 'bridge', info_data: { stp_state: state } },
  })
  const plain = (state: number) => `4: docker0: <UP> mtu 1500 qdisc noqueue state UP
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    bridge forward_delay 1500 hello_time 200 stp_state ${state} priority 32768
`
  for (const text of [(state: number) => JSON.stringify([row(state)]), plain])
    t.deepEqual(
      [0, 1, 2].map((state) => told(text(state))),
      [undefined, true, undefined],
    )
})

test('a link that a program holds down, and one with an XDP program, in both forms', (t) => {
  const told = (text: string) => parsedValue(links, text).map(({ isHeldDown, xdp }) => [isHeldDown, xdp])
  const row = { ifindex: 5, ifname: 'flannel.1', flags: ['NO-CARRIER', 'UP'], mtu: 1450 }
  const rows = [
    { ...row, proto_down: true },
    { ...row, xdp: { mode: 2, prog: { id: 220, name: 'x' } } },
  ]
  t.deepEqual(told(JSON.stringify(rows)), [
    [true, undefined],
    [undefined, 220],
  ])
  t.deepEqual(
    told(`2: v: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN mode DEFAULT group default
    link/ether aa:3a:ef:00:e9:b7 brd ff:ff:ff:ff:ff:ff protodown on  promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535
    vxlan id 1 srcport 0 0 dstport 8472 ttl auto ageing 300
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 xdpgeneric qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether e2:90:9a:b6:f4:89 brd ff:ff:ff:ff:ff:ff promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535
    veth addrgenmode eui64 numtxqueues 2 numrxqueues 2
    prog/xdp id 220 name x tag 283384072dd3b41a jited load_time 77764052679866 created_by_uid 0
`),
    [
      [true, undefined],
      [undefined, 220],
    ],
  )
})
