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
  t.is(second?.metric, 100)
  t.is(third?.type, 'blackhole')
  t.is(third?.link, undefined)
  t.is(fourth?.gateway, undefined)
  t.is(fourth?.link, 'eth0')
})

test('BusyBox prints no protocol: it is not known there', (t) => {
  const [route] = parsedValue(routes, '10.9.0.0/24 dev br0 scope link  src 10.9.0.1 \n')
  t.is(route?.protocol, undefined)
  t.is(route?.source, parseAddress('10.9.0.1'))
})

test('text of another command is refused', (t) => {
  t.throws(() => parsedValue(routes, 'Dump terminated'), { message: /not a line of ip route/ })
})
