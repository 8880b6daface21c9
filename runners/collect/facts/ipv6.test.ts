import test from 'ava'
import { parsedValue } from '../saved/recorded-section.ts'
import { ipv6 } from './ipv6.ts'

/** iproute2 6.1 and a kernel 6.18. */
const PRINTED = `net/ipv6/conf/all/forwarding:1
net/ipv6/conf/flannel-v6.1/forwarding:1
net/ipv6/conf/flannel-v6.1/disable_ipv6:0
2001:db8:1::/64 dev eth0 proto kernel metric 256 pref medium
fd00:5:0:40::/64 via fd00:5:0:40:: dev flannel-v6.1 metric 1024 onlink pref medium
fd00:5:0:4b:: dev flannel-v6.1 proto kernel metric 256 pref medium
unreachable fd00:5:0:50::/64 dev lo metric 512 error -101 pref medium
default metric 1024 pref medium
	nexthop via 2001:db8:1::1 dev eth0 weight 1 
	nexthop via 2001:db8:1::2 dev eth1 weight 1 
`

test('routes with their types and every next hop', (t) => {
  const { routes } = parsedValue(ipv6, PRINTED)
  t.deepEqual(
    routes.map(({ destination, type, gateway, link, metric }) => [destination, type, gateway, link, metric]),
    [
      ['2001:db8:1::/64', 'unicast', undefined, 'eth0', 256],
      ['fd00:5:0:40::/64', 'unicast', 'fd00:5:0:40::', 'flannel-v6.1', 1024],
      ['fd00:5:0:4b::/128', 'unicast', undefined, 'flannel-v6.1', 256],
      ['fd00:5:0:50::/64', 'unreachable', undefined, 'lo', 512],
      ['::/0', 'unicast', '2001:db8:1::1', 'eth0', 1024],
      ['::/0', 'unicast', '2001:db8:1::2', 'eth1', 1024],
    ],
  )
})

test('settings keep the dots of a link', (t) => {
  t.is(parsedValue(ipv6, PRINTED).settings.get('net.ipv6.conf.flannel-v6.1.disable_ipv6'), '0')
})

test('a kernel without IPv6 has neither', (t) => {
  const { routes, settings } = parsedValue(ipv6, '')
  t.deepEqual([routes.length, settings.size], [0, 0])
})

test('other text is no list of routes', (t) => {
  t.throws(() => parsedValue(ipv6, 'RTNETLINK answers: no\n'))
})
