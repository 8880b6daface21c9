import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { containers } from './containers.ts'

test('link, address and gateway of a recorded container', (t) => {
  const [container, ...others] = parsedValue(containers, recordedText('v0.10.0-vxlan', 'h1', 'containers'))
  t.deepEqual(others, [])
  t.is(container?.name, 'c1')
  t.is(container?.gateway, '10.2.4.1')
  t.deepEqual(container?.links, [
    {
      name: 'eth0',
      mtu: 1450,
      mac: '26:12:f8:eb:2f:3c',
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      peerIndex: 5,
    },
  ])
  t.deepEqual(
    container?.addresses.map(({ address, length }) => `${address}/${length}`),
    ['10.2.4.2/24', 'fe80::2412:f8ff:feeb:2f3c/64'],
  )
})

test('a namespace that is gone is a problem of that container only', (t) => {
  const text = `container=gone\nfound=docker\npid=77\nnsenter: cannot open /proc/77/ns/net: No such file or directory\nexit=1
container=here\nfound=proc\npid=78\n[]\n[]\nexit=0\nmore=0\n`
  const [gone, here] = parsedValue(containers, text)
  t.regex(gone?.problem ?? '', /No such file/)
  t.is(gone?.pid, 77)
  t.is(here?.problem, undefined)
  t.is(here?.foundBy, 'proc')
})

test('containers beyond the cap are told', (t) => {
  t.like(parsedValue(containers, 'more=12\n'), [
    { name: '12 more', problem: 'only the first 256 containers of a host are read' },
  ])
})
