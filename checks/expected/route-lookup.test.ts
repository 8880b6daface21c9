import test from 'ava'
import { parseAddress } from '../model/address.ts'
import type { Route } from '../model/route.ts'
import { route } from '../model/route-for-tests.ts'
import { defaultRoute, routeLookup } from './route-lookup.ts'

const ROUTES: readonly Route[] = [
  route('0.0.0.0/0', { link: 'eth1', metric: 200 }),
  route('0.0.0.0/0', { link: 'eth0', metric: 100 }),
  route('172.20.0.0/16', { link: 'eth0' }),
  route('172.20.4.0/24', { link: 'eth2', metric: 10 }),
  route('172.20.4.0/24', { link: 'eth3', metric: 20 }),
  route('172.20.5.0/24', { link: 'eth4', table: '100' }),
  route('172.20.0.1/32', { link: 'eth0', table: 'local', type: 'local' }),
  route('172.20.6.0/24', { link: 'none', type: 'blackhole' }),
]

for (const [address, link] of [
  ['172.20.0.1', 'eth0'],
  ['172.20.4.9', 'eth2'],
  ['172.20.5.9', 'eth0'],
  ['172.20.6.9', 'none'],
  ['203.0.113.1', 'eth0'],
] as const) {
  test(`${address} leaves over ${link}`, (t) => {
    t.is(routeLookup(ROUTES)(parseAddress(address) ?? 0)?.link, link)
  })
}

test('the default route is the one with the lowest metric', (t) => {
  t.is(defaultRoute(ROUTES)?.link, 'eth0')
  t.is(defaultRoute([]), undefined)
  t.is(routeLookup([])(1), undefined)
})
