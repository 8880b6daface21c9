import test from 'ava'
import fc from 'fast-check'
import { formatAddress, formatPrefix } from '../../checks/model/address.ts'
import { parseLeases } from './parse-leases.ts'

const KEY = '/coreos.com/network/subnets/10.5.34.0-24'
const VXLAN =
  '{"PublicIP":"192.0.2.7","BackendType":"vxlan","BackendData":{"VNI":7,"VtepMAC":"AA:bb:cc:0:11:22"}}'

function one(key: string, value: string) {
  const { leases, unreadable } = parseLeases([{ key, value, revision: 3 }])
  return { lease: leases[0], unreadable: unreadable[0] }
}

test('a vxlan lease', (t) => {
  const { lease } = one(KEY, VXLAN)
  t.is(lease && formatPrefix(lease.subnet), '10.5.34.0/24')
  t.is(lease && formatAddress(lease.publicIp), '192.0.2.7')
  t.like(lease, { key: KEY, backendType: 'vxlan', vtepMac: 'aa:bb:cc:00:11:22', vni: 7, revision: 3 })
  t.false(lease !== undefined && 'ttlSeconds' in lease)
})

test('expiry: seconds left, an etcd lease whose time is not known, none', (t) => {
  const base = { key: KEY, value: VXLAN, revision: 1 }
  const { leases } = parseLeases([{ ...base, ttlSeconds: 5 }, { ...base, leaseId: 'ab12' }, base])
  t.like(leases[0], { ttlSeconds: 5 })
  t.deepEqual([leases[1]?.etcdLeaseId, leases[1]?.ttlSeconds], ['ab12', undefined])
  t.deepEqual([leases[2]?.etcdLeaseId, leases[2]?.ttlSeconds], [undefined, undefined])
})

const values: readonly (readonly [string, string, object])[] = [
  ['udp writes no type', '{"PublicIP":"192.0.2.7"}', { publicIp: 0xc0000207 }],
  ['null members', '{"PublicIP":"192.0.2.7","PublicIPv6":null,"BackendData":null}', { publicIp: 0xc0000207 }],
  ['names in any case', '{"publicip":"192.0.2.7","backendtype":"host-gw"}', { backendType: 'host-gw' }],
  [
    'extension data is text',
    '{"PublicIP":"192.0.2.7","BackendType":"extension","BackendData":"x"}',
    { backendType: 'extension' },
  ],
]
for (const [title, value, expected] of values) {
  test(`lease: ${title}`, (t) => {
    const { lease } = one(KEY, value)
    t.true(lease !== undefined)
    t.like(lease, expected)
  })
}

test('keys: dual stack, host bits kept, a sibling of subnets', (t) => {
  const subnet = (key: string) => {
    const { lease } = one(key, VXLAN)
    return lease && formatPrefix(lease.subnet)
  }
  t.is(subnet('/x/subnets/10.1.30.0-24&fd01:1:0:45::-64'), '10.1.30.0/24')
  t.is(subnet('/x/subnets/10.1.76.5-24'), '10.1.76.5/24')
  t.is(subnet('/x/subnets-old/10.1.76.0-24'), '10.1.76.0/24')
})

const V6_KEY = '/x/subnets/10.1.30.0-24&fd01:1:0:45::-64'
const V6_DATA = '"BackendV6Data":{"VNI":1,"VtepMAC":"AA:bb:cc:0:11:33"}'
const V4_DATA = '"BackendType":"vxlan","BackendData":{"VtepMAC":"aa:bb:cc:00:11:22"}'

test('the second family of a lease, and what of it cannot be read', (t) => {
  const ipv6 = (key: string, rest: string) =>
    one(key, `{"PublicIP":"192.0.2.7",${V4_DATA}${rest}}`).lease?.ipv6
  const read = ipv6(V6_KEY, `,"PublicIPv6":"2001:DB8:0::7",${V6_DATA}`)
  t.like(read, { publicIp: '2001:db8::7', vtepMac: 'aa:bb:cc:00:11:33' })
  t.like(read?.subnet, { network: 'fd01:1:0:45:0:0:0:0', length: 64 })
  t.is(ipv6(KEY, `,"PublicIPv6":"2001:db8::7",${V6_DATA}`), undefined)
  const broken = ipv6(V6_KEY, ',"PublicIPv6":"$(id)","BackendV6Data":{"VtepMAC":"x"}')
  t.like(broken, { publicIp: undefined, vtepMac: undefined })
})

const badKeys: readonly (readonly [string, RegExp])[] = [
  ['/x/subnets/readme', /not of the form A\.B\.C\.D-LENGTH/],
  ['/x/subnets/10.1.0.0-24.bak', /not of the form/],
  ['/x/subnets/10.1.300.0-24', /10\.1\.300\.0, which is not an IPv4 address/],
  ['/x/subnets/10.1.3.0-32', /prefix length 32; flannel reads 0 to 31/],
]
for (const [key, expected] of badKeys) {
  test(`unreadable key ${key}`, (t) => {
    const { unreadable } = one(key, VXLAN)
    t.regex(unreadable?.problem ?? '', expected)
    t.is(unreadable?.subnet, undefined)
  })
}

const badValues: readonly (readonly [string, RegExp])[] = [
  ['', /^empty value$/],
  ['{"PublicIP":', /^not JSON/],
  ['[1]', /^the value must be a JSON object, not array$/],
  ['{}', /^the value has no PublicIP$/],
  ['{"PublicIP":"host\\u001b[1m"}', /^PublicIP "host\\x1b\[1m" is not an IPv4 address$/],
  ['{"PublicIP":7}', /^PublicIP must be a string, not 7$/],
  [
    '{"PublicIP":"192.0.2.7","BackendType":"vxlan","BackendData":{"VtepMAC":"x"}}',
    /^VtepMAC "x" is not a MAC/,
  ],
  ['{"PublicIP":"192.0.2.7","BackendType":"vxlan","BackendData":"x"}', /^BackendData must be a JSON object/],
]
for (const [value, expected] of badValues) {
  test(`unreadable value ${value}`, (t) => {
    const { unreadable } = one(KEY, value)
    t.regex(unreadable?.problem ?? '', expected)
    t.is(unreadable?.subnet && formatPrefix(unreadable.subnet), '10.5.34.0/24')
  })
}

test('every entry becomes a lease or an unreadable one, in printable words', (t) => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.constant(VXLAN), fc.constant(KEY))
  const entry = fc.record({ key: text, value: text, revision: fc.nat() })
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const { leases, unreadable } = parseLeases(entries)
      const words = unreadable.map(({ key, problem }) => key + problem).join('')
      return leases.length + unreadable.length === entries.length && !/[\u0000-\u001f]/.test(words)
    }),
  )
  t.pass()
})
