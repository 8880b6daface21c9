import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { sysctls } from './sysctls.ts'

test('a recording of sysctl is read', (t) => {
  const found = parsedValue(sysctls, recordedText('v0.10.0-vxlan', 'h1', 'sysctls'))
  t.is(found.get('net.ipv4.ip_forward'), '1')
  t.is(found.get('net.ipv4.neigh.default.gc_thresh1'), undefined)
})

test('file names and the slash form of dotted links give the same names', (t) => {
  const text = 'net/ipv4/conf/flannel.1/rp_filter:2\nnet.ipv4.conf.flannel/1.forwarding = 1\n'
  t.deepEqual(
    [...parsedValue(sysctls, text)],
    [
      ['net.ipv4.conf.flannel.1.rp_filter', '2'],
      ['net.ipv4.conf.flannel.1.forwarding', '1'],
    ],
  )
})
