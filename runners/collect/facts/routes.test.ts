import test from 'ava'
import { parseAddress, parsePrefix } from '../../../checks/model/address.ts'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { routes } from './routes.ts'

const recorded = (state: string, host = 'h1') => parsedValue(routes, recordedText(state, host, 'routes'))

test("a peer's route is onlink through the VTEP", (t) => {
  const destination = parsePrefix('10.2.22.0/24')
  t.deepEqual(
    recorded('v0.10.0-vxlan').filter((route) => route.destination.address === destination?.address),
    [
      {
        destination: { address: 0x0a021600, length: 24 },
        type: 'unicast',
        table: 'main',
        gateway: 0x0a021600,
        link: 'flannel.1',
        protocol: 'boot',
        scope: 'global',
        metric: 0,
        flags: ['onlink'],
      },
    ],
  )
})

test('every table is read and IPv6 is left out', (t) => {
  const all = recorded('v0.10.0-vxlan')
  t.deepEqual([...new Set(all.map(({ table }) => table))].sort(), ['local', 'main'])
  t.true(all.every(({ destination }) => Number.isInteger(destination.address)))
})

for (const host of ['h1', 'h2', 'h3']) {
  test(`the plain form of ${host} says the same of the main table`, (t) => {
    const main = recorded('v0.10.0-vxlan', host).filter(({ table }) => table === 'main')
    const plain = recorded('v0.10.0-vxlan-plain', host)
    t.deepEqual(plain, main)
  })
}

const MULTIPATH = `10.77.0.0/16 proto static metric 100
\tnexthop via 10.9.0.2 dev br0 weight 1
\tnexthop via 10.9.0.3 dev br0 weight 3 onlink
blackhole 10.66.0.0/16
10.5.0.0/16 via inet6 fe80::1 dev eth0 proto kernel
`

test('a multipath route is one route per next hop', (t) => {
  const [first, second, third, fourth] = parsedValue(routes, MULTIPATH)
  t.is(first?.gateway, parseAddress('10.9.0.2'))
  t.is(second?.gateway, parseAddress('10.9.0.3'))
  t.deepEqual(second?.flags, ['onlink'])
  t.deepEqual(
    [first, second, third].map((one) => one?.isBalanced),
    [true, true, undefined],
  )
  t.is(second?.metric, 100)
  t.is(third?.type, 'blackhole')
  t.is(third?.link, undefined)
  t.is(fourth?.gateway, undefined)
  t.is(fourth?.gatewayInet6, 'fe80::1')
  t.is(fourth?.link, 'eth0')
})

/** The same routes as iproute2 6.1 prints them in both forms. */
const PRINTED = `10.1.0.0/24 dev v0 scope link mtu 1400 rtt 30ms advmss 1360 
10.2.0.0/24 dev v0 scope link mtu lock 1400 
10.3.0.0/24 via inet6 fe80::1 dev v0 
10.4.0.0/24 dev v0 scope link initcwnd 10 features ecn quickack 1 congctl lock reno 
10.6.0.0/24 
	nexthop via 10.0.0.2 dev v0 weight 2 
	nexthop via inet6 fe80::2 dev v0 weight 1 
10.7.0.0/24 nhid 5 via 10.0.0.9 dev v0 
10.8.0.0/24  encap ip id 3 src 0.0.0.0 dst 10.0.0.4 ttl 0 tos 0 dev v0 scope link 
10.9.0.0/24 dev v0 scope link realm 5 
10.10.0.0/24 tos 0x10 dev v0 scope link 
`
const PRINTED_JSON = `[{"dst":"10.1.0.0/24","dev":"v0","scope":"link","flags":[],"metrics":[{"mtu":1400,"rtt":30,"advmss":1360}]},{"dst":"10.2.0.0/24","dev":"v0","scope":"link","flags":[],"metrics":[{"mtu":1400}]},{"dst":"10.3.0.0/24","via":{"family":"inet6","host":"fe80::1"},"dev":"v0","flags":[]},{"dst":"10.4.0.0/24","dev":"v0","scope":"link","flags":[],"metrics":[{"initcwnd":10,"ecn":null,"quickack":1,"congestion":"reno"}]},{"dst":"10.6.0.0/24","flags":[],"nexthops":[{"gateway":"10.0.0.2","dev":"v0","weight":2,"flags":[]},{"via":{"family":"inet6","host":"fe80::2"},"dev":"v0","weight":1,"flags":[]}]},{"dst":"10.7.0.0/24","nhid":5,"gateway":"10.0.0.9","dev":"v0","flags":[]},{"dst":"10.8.0.0/24","encap":"ip","id":3,"src":"0.0.0.0","dst":"10.0.0.4","ttl":0,"tos":0,"dev":"v0","scope":"link","flags":[]},{"dst":"10.9.0.0/24","dev":"v0","scope":"link","flags":[],"flow":{"to":"5"}},{"dst":"10.10.0.0/24","tos":"0x10","dev":"v0","scope":"link","flags":[]}]`

test('metrics, next hops of the other family, type of service and encapsulation in both forms', (t) => {
  const [plain, json] = [parsedValue(routes, PRINTED), parsedValue(routes, PRINTED_JSON)]
  t.deepEqual(
    plain.map(({ protocol: _, ...route }) => route),
    json.map(({ protocol: _, ...route }) => route),
  )
  const to = (prefix: string) =>
    plain.find(({ destination }) => destination.address === parsePrefix(prefix)?.address)
  t.like(to('10.1.0.0/24'), { mtu: 1400, advertisedMss: 1360 })
  t.like(to('10.2.0.0/24'), { mtu: 1400 })
  t.like(to('10.3.0.0/24'), { gateway: undefined, gatewayInet6: 'fe80::1' })
  t.like(to('10.8.0.0/24'), { encapsulation: 'ip', tos: undefined, source: undefined })
  t.like(to('10.10.0.0/24'), { tos: '0x10' })
})

test('BusyBox prints no protocol: it is not known there', (t) => {
  const [route] = parsedValue(routes, '10.9.0.0/24 dev br0 scope link  src 10.9.0.1 \n')
  t.is(route?.protocol, undefined)
  t.is(route?.source, parseAddress('10.9.0.1'))
})

test('text of another command is no routes', (t) => {
  t.throws(() => parsedValue(routes, 'Dump terminated'), { message: /not a line of ip route/ })
})

test('the time to live of a route in both forms', (t) => {
  const limits = (text: string) => parsedValue(routes, text).map(({ hopLimit }) => hopLimit)
  t.deepEqual(limits('default via 10.5.1.1 dev eth0 hoplimit 1 \n'), [1])
  t.deepEqual(
    limits('[{"dst":"default","gateway":"10.5.1.1","dev":"eth0","flags":[],"metrics":[{"hoplimit":1}]}]'),
    [1],
  )
})

test('next hops of ICMP redirects stand beside the routes, in a table of their own', (t) => {
  const listed = '[{"dst":"10.1.7.0/24","gateway":"192.0.2.11","dev":"eth0","flags":[]}]'
  const told = '10.1.7.2 via 192.0.2.250 dev eth0 \\    cache <redirected>'
  const [route, redirect, ...more] = parsedValue(routes, `${listed}\n${told}\n`)
  t.is(route?.table, 'main')
  t.like(redirect, { destination: { address: 0x0a010702, length: 32 }, table: 'cache', gateway: 0xc00002fa })
  t.deepEqual(more, [])
})
