import test from 'ava'
import fc from 'fast-check'
import { formatAddress, formatPrefix } from '../../../checks/model/address.ts'
import { parseConfig } from './parse-config.ts'

function parsed(config: unknown) {
  const result = parseConfig(typeof config === 'string' ? config : JSON.stringify(config))
  if ('problem' in result) return { problem: result.problem }
  if ('aside' in result) return { aside: result.aside }
  const { value } = result
  return {
    ...value,
    network: formatPrefix(value.network),
    min: formatAddress(value.subnetMin),
    max: formatAddress(value.subnetMax),
  }
}

const accepted: readonly (readonly [string, unknown, object])[] = [
  [
    'only a Network: udp and every default',
    { Network: '10.1.0.0/16' },
    {
      network: '10.1.0.0/16',
      subnetLength: 24,
      min: '10.1.1.0',
      max: '10.1.255.0',
      backend: 'udp',
      backendType: 'udp',
      port: 8285,
      vni: 1,
      directRouting: false,
      gbp: false,
      learning: false,
      enableNftables: false,
      enableIpv6: false,
      unknownKeys: [],
    },
  ],
  ['host bits of Network are masked', { Network: '10.1.2.3/16' }, { network: '10.1.0.0/16' }],
  ['a /22 still gets /24 subnets', { Network: '10.1.0.0/22' }, { subnetLength: 24, max: '10.1.3.0' }],
  ['a /23 gets two bits more', { Network: '10.1.0.0/23' }, { subnetLength: 25, min: '10.1.0.128' }],
  ['a /28 gets a /30', { Network: '10.1.0.0/28' }, { subnetLength: 30, min: '10.1.0.4', max: '10.1.0.12' }],
  ['SubnetLen 0 is the default', { Network: '10.1.0.0/16', SubnetLen: 0 }, { subnetLength: 24 }],
  [
    'length and bounds as written',
    { Network: '10.0.0.0/8', SubnetLen: 20, SubnetMin: '10.10.0.0', SubnetMax: '10.99.0.0' },
    { subnetLength: 20, min: '10.10.0.0', max: '10.99.0.0' },
  ],
  ['0.0.0.0 as a bound is no bound', { Network: '10.1.0.0/16', SubnetMin: '0.0.0.0' }, { min: '10.1.1.0' }],
  ['unaligned bounds parse', { Network: '10.1.0.0/16', SubnetMin: '10.1.0.5' }, { min: '10.1.0.5' }],
  ['a /31 parses', { Network: '10.1.0.0/16', SubnetLen: 31 }, { subnetLength: 31 }],
  [
    'vxlan with options',
    {
      Network: '10.1.0.0/16',
      Backend: {
        Type: 'VXLAN',
        VNI: 100,
        Port: 4789,
        DirectRouting: true,
        GBP: true,
        Learning: true,
        MTU: 1400,
      },
    },
    {
      backend: 'vxlan',
      backendType: 'VXLAN',
      vni: 100,
      port: 4789,
      directRouting: true,
      gbp: true,
      learning: true,
      mtu: 1400,
    },
  ],
  ['vxlan without a port', { Network: '10.1.0.0/16', Backend: { Type: 'vxlan' } }, { port: 8472, vni: 1 }],
  ['vxlan port 0', { Network: '10.1.0.0/16', Backend: { Type: 'vxlan', Port: 0 } }, { port: 8472 }],
  [
    'names in any case, null as absent',
    { network: '10.1.0.0/16', SUBNETLEN: 25, backend: { type: 'host-gw' }, SubnetMin: null },
    { subnetLength: 25, backend: 'host-gw', unknownKeys: [] },
  ],
  [
    'keys that flannel ignores',
    { Network: '10.1.0.0/16', SubnetLength: 25, VNI: 5, Backend: { Type: 'vxlan', Vnid: 5 } },
    { subnetLength: 24, vni: 1, unknownKeys: ['SubnetLength', 'VNI', 'Backend.Vnid'] },
  ],
  ['unknown backend', { Network: '10.1.0.0/16', Backend: { Type: 'aws-vpc', X: 1 } }, { backend: 'unknown' }],
  ['backend without type', { Network: '10.1.0.0/16', Backend: {} }, { backend: 'unknown', backendType: '' }],
  [
    'nftables and IPv6',
    { Network: '10.1.0.0/16', EnableNFTables: true, EnableIPv6: true, IPv6Network: 'fd00::/48' },
    { enableNftables: true, enableIpv6: true, unknownKeys: [] },
  ],
]

for (const [title, config, expected] of accepted) {
  test(`accepted: ${title}`, (t) => t.like(parsed(config), expected))
}

const refused: readonly (readonly [string, unknown, RegExp])[] = [
  [
    'not JSON',
    'Network: 10.1.0.0/16',
    /^not JSON at line 1, column 2: "etwork: 10.1.0.0\/16"$|^not JSON at line 1, column 1: "Network/,
  ],
  ['single quotes', "{'Network': '10.1.0.0/16'}", /^not JSON at line 1, column 2: "'Network/],
  ['a comma at the end', '{"Network": "10.1.0.0/16",}', /^not JSON at line 1, column 27: "}"$/],
  ['a cut text', '{"Network": "10.1.0.0/16"', /^not JSON at its end, which comes too early/],
  ['IPv6 only without its network', { EnableIPv4: false, EnableIPv6: true }, /^IPv6Network is missing$/],
  [
    'IPv6 only with another network',
    { EnableIPv4: false, EnableIPv6: true, IPv6Network: '10.0.0.0/8' },
    /^IPv6Network must be an IPv6 CIDR/,
  ],
  [
    'with a comment',
    '{\n  "Network": "10.1.0.0/16", // all of it\n  "SubnetLen": 24\n}',
    /^not JSON at line 2, column 29: "\/\/ all of it/,
  ],
  [
    'with a byte order mark',
    '\ufeff{"Network": "10.1.0.0/16"}',
    /^not JSON: it begins with a byte order mark/,
  ],
  ['empty', ' ', /^empty value$/],
  ['a list', '[]', /^the configuration must be a JSON object, not array$/],
  ['no Network', {}, /^Network is missing$/],
  ['Network without length', { Network: '10.1.0.0' }, /^Network must be an IPv4 CIDR .* not "10\.1\.0\.0"$/],
  ['Network of another type', { Network: 10 }, /^Network must be a string, not 10$/],
  ['Network too small', { Network: '10.1.0.0/31' }, /too small for subnets/],
  [
    'SubnetLen as text',
    { Network: '10.1.0.0/16', SubnetLen: '24' },
    /^SubnetLen must be a whole number .*"24"/,
  ],
  ['SubnetLen negative', { Network: '10.1.0.0/16', SubnetLen: -1 }, /^SubnetLen must be a whole number/],
  ['SubnetLen 32', { Network: '10.1.0.0/16', SubnetLen: 32 }, /^SubnetLen 32 is out of range/],
  ['SubnetLen below the network', { Network: '10.1.0.0/16', SubnetLen: 8 }, /^SubnetLen 8 is shorter/],
  [
    'SubnetMin outside',
    { Network: '10.1.0.0/16', SubnetMin: '10.2.0.0' },
    /^SubnetMin 10\.2\.0\.0 is outside/,
  ],
  [
    'SubnetMax not an address',
    { Network: '10.1.0.0/16', SubnetMax: 'x' },
    /^SubnetMax must be an IPv4 address/,
  ],
  ['Backend as text', { Network: '10.1.0.0/16', Backend: 'vxlan' }, /^Backend must be a JSON object/],
  [
    'VNI too large',
    { Network: '10.1.0.0/16', Backend: { Type: 'vxlan', VNI: 16777216 } },
    /^Backend\.VNI must be a whole number from 0 to 16777215, not 16777216$/,
  ],
]

for (const [title, config, expected] of refused) {
  test(`refused: ${title}`, (t) => {
    const { problem } = parsed(config) as { problem?: string }
    t.regex(problem ?? 'accepted', expected)
  })
}

test('an IPv6-only network is no fault and not judged', (t) => {
  const config = {
    EnableIPv4: false,
    EnableIPv6: true,
    IPv6Network: 'fd00:7::/48',
    Backend: { Type: 'vxlan' },
  }
  t.regex((parsed(config) as { aside?: string }).aside ?? '', /IPv6 only/)
})

test('any text gives a configuration or a one-line problem without control characters', (t) => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .record(
        {
          Network: fc.oneof(fc.constant('10.0.0.0/8'), fc.string(), fc.integer()),
          SubnetLen: fc.oneof(fc.integer(), fc.double(), fc.string()),
          SubnetMin: fc.oneof(fc.ipV4(), fc.string()),
          Backend: fc.oneof(fc.jsonValue(), fc.record({ Type: fc.string(), VNI: fc.jsonValue() })),
        },
        { requiredKeys: [] },
      )
      .map((config) => JSON.stringify(config)),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const result = parseConfig(text)
      return !('problem' in result) || !/[\u0000-\u001f\u007f-\u009f]/.test(result.problem)
    }),
  )
  t.pass()
})
