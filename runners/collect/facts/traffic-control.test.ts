import test from 'ava'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { trafficControl } from './traffic-control.ts'

const PRINTED = `qdisc noqueue 0: dev lo root refcnt 2 
qdisc tbf 8009: dev eth0 root refcnt 3 rate 1Mbit burst 10Kb lat 70ms 
qdisc netem 8001: dev flannel.1 root refcnt 2 limit 1000 loss 10%
qdisc blackhole 8002: dev docker0 root refcnt 2 
qdisc clsact ffff: dev eth0 parent ffff:fff1 
filters eth0 ingress
filter protocol ip pref 5 u32 chain 0 
filter protocol ip pref 5 u32 chain 0 fh 800: ht divisor 1 
filter protocol ip pref 5 u32 chain 0 fh 800::800 order 2048 key ht 800 bkt 0 terminal flowid not_in_hw 
  match 0a000001/ffffffff at 16
	action order 1: gact action drop
	 random type none pass val 0
	 index 1 ref 1 bind 1
filter protocol all pref 9 matchall chain 0 
filter protocol all pref 9 matchall chain 0 handle 0x1 
  not_in_hw
	action order 1: mirred (Egress Redirect to device lo) stolen
filters eth0 egress
filter protocol ip pref 1 flower chain 0 
filter protocol ip pref 1 flower chain 0 handle 0x1 
  eth_type ipv4
  ip_proto icmp
  dst_ip 10.0.0.0/8
  not_in_hw
	action order 1: gact action pass
filter protocol all pref 2 bpf chain 0 
filter protocol all pref 2 bpf chain 0 handle 0x1 x.o:[cls] direct-action not_in_hw id 12 
`

test('queueing disciplines with what they lose, and filters with what they do', (t) => {
  const { qdiscs, filters } = parsedValue(trafficControl, PRINTED)
  t.deepEqual(
    qdiscs.map(({ link, kind, isRoot, lossPercent, burst }) => [link, kind, isRoot, lossPercent, burst]),
    [
      ['eth0', 'tbf', true, undefined, 10_240],
      ['flannel.1', 'netem', true, 10, undefined],
      ['docker0', 'blackhole', true, undefined, undefined],
      ['eth0', 'clsact', false, undefined, undefined],
    ],
  )
  t.deepEqual(
    filters.map(({ direction, kind, protocol, keys, action }) => [direction, kind, protocol, keys, action]),
    [
      ['ingress', 'u32', 'ip', ['match 0a000001/ffffffff at 16'], 'drop'],
      ['ingress', 'matchall', 'all', [], 'redirect'],
      ['egress', 'flower', 'ip', ['ip_proto icmp', 'dst_ip 10.0.0.0/8'], 'pass'],
      ['egress', 'bpf', 'all', [], 'program'],
    ],
  )
})

test('what a queue lets out: its rate, or the ceiling of its fastest class', (t) => {
  const printed = `qdisc htb 1: dev flannel.1 root refcnt 2 r2q 10 default 0x10 direct_packets_stat 0
qdisc tbf 8009: dev eth0 root refcnt 3 rate 8Kbit burst 1Kb lat 70ms
classes flannel.1
class htb 1:10 root prio 0 rate 1Kbit ceil 1Kbit burst 1b cburst 1b
class htb 1:20 root prio 0 rate 1500bit ceil 2Kbit burst 1b cburst 1b
`
  const { qdiscs } = parsedValue(trafficControl, printed)
  t.deepEqual(
    qdiscs.map(({ link, bitsPerSecond }) => [link, bitsPerSecond]),
    [
      ['flannel.1', 2000],
      ['eth0', 8000],
    ],
  )
})

test('a filter with the link it leads to, and the number it is deleted by', (t) => {
  const [, filter] = parsedValue(trafficControl, PRINTED).filters
  t.like(filter, { redirectedTo: 'lo', preference: 9 })
})

test('a host without tc, and another text', (t) => {
  t.deepEqual(parsedValue(trafficControl, ''), { qdiscs: [], filters: [] })
  t.true('problem' in trafficControl.parse(sectionOf('trafficControl', 'Error\n')))
})
