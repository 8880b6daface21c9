import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { addresses } from './addresses.ts'

const recorded = (state: string, host = 'h1') =>
  parsedValue(addresses, recordedText(state, host, 'addresses'))

test('IPv4 addresses carry their number, IPv6 ones stay text', (t) => {
  const ofVtep = recorded('v0.10.0-vxlan').filter(({ link }) => link === 'flannel.1')
  t.deepEqual(ofVtep, [
    {
      link: 'flannel.1',
      family: 'inet',
      address: '10.2.4.0',
      length: 32,
      scope: 'global',
      prefix: { address: 0x0a020400, length: 32 },
    },
    { link: 'flannel.1', family: 'inet6', address: 'fe80::640f:32ff:fe9a:125b', length: 64, scope: 'link' },
  ])
})

for (const host of ['h1', 'h2', 'h3']) {
  test(`the plain form of addresses of ${host} says the same as its JSON form`, (t) => {
    t.deepEqual(recorded('v0.10.0-vxlan-plain', host), recorded('v0.10.0-vxlan', host))
  })
}

test('with a point-to-point peer the link keeps its own address', (t) => {
  const head = '5: flannel0: <POINTOPOINT,UP> mtu 1472 qdisc noop\n'
  const [plain] = parsedValue(addresses, `${head}    inet 10.1.2.0 peer 10.1.2.1/32 scope global flannel0\n`)
  t.is(plain?.address, '10.1.2.0')
  t.is(plain?.length, 32)
})

test('a link without addresses has none', (t) => {
  t.deepEqual(parsedValue(addresses, '[{"ifname":"eth0","addr_info":[]}]'), [])
})
