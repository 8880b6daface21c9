import test from 'ava'
import { parseAddress, parsePrefix } from '../../model/address.ts'
import type { Route } from '../../model/route.ts'
import { route } from '../../model/route-for-tests.ts'
import { routeText } from '../text/route-text.ts'
import { coveringRoute, indexRoutes, lookupRoute, routesTo, routesWithin } from './route-lookup.ts'

function prefix(text: string) {
  const parsed = parsePrefix(text)
  if (!parsed) throw new Error(text)
  return parsed
}

function linkTowards(routes: readonly Route[], address: string): string | undefined {
  return lookupRoute(indexRoutes(routes), parseAddress(address) as number)?.link
}

test('the longest prefix wins, whatever its metric and place', (t) => {
  const routes = [
    route('0.0.0.0/0', { link: 'eth0' }),
    route('10.1.0.0/16', { link: 'flannel0' }),
    route('10.1.7.128/25', { link: 'tun0', metric: 500 }),
  ]
  t.is(linkTowards(routes, '10.1.7.200'), 'tun0')
  t.is(linkTowards(routes, '10.1.7.100'), 'flannel0')
  t.is(linkTowards(routes, '192.0.2.1'), 'eth0')
  t.is(linkTowards(routes.slice(1), '192.0.2.1'), undefined)
})

test('of one prefix the lowest metric wins, then the first in the table, carrier or not', (t) => {
  const cni0 = route('10.1.7.0/24', { link: 'cni0', flags: ['linkdown'] })
  const docker0 = route('10.1.7.0/24', { link: 'docker0' })
  const wg0 = route('10.1.7.0/24', { link: 'wg0', metric: 50 })
  t.is(linkTowards([wg0, cni0, docker0], '10.1.7.2'), 'cni0')
  t.is(linkTowards([docker0, cni0], '10.1.7.2'), 'docker0')
  t.deepEqual(routesTo(indexRoutes([wg0, docker0, cni0]), prefix('10.1.7.9/24')), [docker0, cni0, wg0])
})

test('a dead route is passed over', (t) => {
  const dead = route('10.1.7.0/24', { link: 'eth1', flags: ['dead', 'linkdown'] })
  t.is(linkTowards([dead, route('10.1.0.0/16', { link: 'flannel0' })], '10.1.7.2'), 'flannel0')
})

test('table local is asked first, other tables not at all', (t) => {
  const routes = [
    route('10.1.7.0/24', { link: 'docker0' }),
    route('10.1.7.2/32', { link: 'kube-ipvs0', type: 'local', table: 'local' }),
    route('10.1.7.3/32', { link: 'tun0', table: '100' }),
  ]
  t.is(linkTowards(routes, '10.1.7.2'), 'kube-ipvs0')
  t.is(linkTowards(routes, '10.1.7.3'), 'docker0')
})

test('a throw route ends the search in its table only', (t) => {
  const routes = [
    route('10.1.7.0/24', { link: 'x', type: 'throw' }),
    route('0.0.0.0/0', { link: 'ppp0', table: 'default' }),
  ]
  t.is(linkTowards(routes, '10.1.7.2'), 'ppp0')
})

test('a covering route covers the whole prefix', (t) => {
  const index = indexRoutes([
    route('10.1.7.0/25', { link: 'tun0' }),
    route('10.1.0.0/16', { link: 'flannel0' }),
  ])
  t.is(coveringRoute(index, prefix('10.1.7.0/24'))?.link, 'flannel0')
  t.is(coveringRoute(index, prefix('10.1.7.0/25'))?.link, 'tun0')
})

test('routes within a prefix are its parts, at both edges, and not the prefix itself', (t) => {
  const destinations = [
    '10.1.6.255/32',
    '10.1.7.0/24',
    '10.1.7.0/32',
    '10.1.7.64/26',
    '10.1.7.255/32',
    '10.1.8.0/32',
  ]
  const index = indexRoutes(destinations.map((destination) => route(destination, { link: 'tun0' })).reverse())
  t.deepEqual(
    routesWithin(index, prefix('10.1.7.0/24')).map((found) => routeText(found)),
    ['10.1.7.0/32 dev tun0', '10.1.7.64/26 dev tun0', '10.1.7.255/32 dev tun0'],
  )
  t.deepEqual(routesWithin(index, prefix('10.1.9.0/24')), [])
  t.is(routesWithin(index, prefix('0.0.0.0/0')).length, destinations.length)
})

test('the same answers as a scan of the whole table, for addresses around every edge', (t) => {
  const routes = Array.from({ length: 300 }, (_, at) => {
    const length = 8 + ((at * 7) % 25)
    const address = ((10 * 256 + (at % 4)) * 65536 + ((at * 2654435761) % 65536)) >>> 0
    return route('0.0.0.0/0', { link: `l${at}`, destination: { address, length }, metric: at % 3 })
  })
  const index = indexRoutes(routes)
  const scan = (address: number): string | undefined =>
    routes
      .filter(({ destination: { length, address: own } }) => (own ^ address) >>> (32 - length) === 0)
      .sort((a, b) => b.destination.length - a.destination.length || a.metric - b.metric)[0]?.link
  for (const { destination } of routes) {
    for (const address of [destination.address, destination.address ^ 1, destination.address ^ 0x8000]) {
      t.is(lookupRoute(index, address >>> 0)?.link, scan(address >>> 0))
    }
  }
})

test('routes read as iproute2 writes them', (t) => {
  const gateway = parseAddress('192.0.2.254') as number
  t.is(
    routeText(route('0.0.0.0/0', { link: 'eth0', gateway, metric: 100 })),
    'default via 192.0.2.254 dev eth0 metric 100',
  )
  const blackhole = route('10.1.7.0/24', { type: 'blackhole', table: '100' })
  t.is(routeText(blackhole), 'blackhole 10.1.7.0/24 table 100')
  t.is(routeText(undefined), 'no route')
})
