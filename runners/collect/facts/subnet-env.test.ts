import test from 'ava'
import fc from 'fast-check'
import { parsePrefix } from '../../../checks/model/address.ts'
import { parsedValue, recordedText, sectionOf } from '../saved/recorded-section.ts'
import { subnetEnv } from './subnet-env.ts'

test('the four variables of a recording', (t) => {
  t.deepEqual(parsedValue(subnetEnv, recordedText('v0.10.0-vxlan', 'h1', 'subnetEnv')), {
    path: '/run/flannel/subnet.env',
    network: parsePrefix('10.2.0.0/16'),
    subnet: parsePrefix('10.2.4.1/24'),
    mtu: 1450,
    ipMasq: true,
    otherLines: [],
  })
})

test('path, time and lines of other variables', (t) => {
  const found = parsedValue(
    subnetEnv,
    'path=/a b=c\nmtime=1700000000\nFLANNEL_IPMASQ=false\nFLANNEL_IPV6_SUBNET=fc00::1/64\n',
  )
  t.is(found.path, '/a b=c')
  t.is(found.modifiedAt, 1700000000)
  t.is(found.ipMasq, false)
  t.deepEqual(found.otherLines, ['FLANNEL_IPV6_SUBNET=fc00::1/64'])
})

test('the file that flanneld writes in place of the one that is read', (t) => {
  t.is(parsedValue(subnetEnv, 'own=/run/b c.env\npath=/a\nmtime=5\n').writtenElsewhere, '/run/b c.env')
})

for (const line of [
  'FLANNEL_MTU=abc',
  'FLANNEL_SUBNET=10.1.7.1/33',
  'FLANNEL_NETWORK=',
  'FLANNEL_IPMASQ=yes',
]) {
  test(`${line} is a problem that names the line`, (t) => {
    const parsed = subnetEnv.parse(sectionOf('subnetEnv', `path=/run/flannel/subnet.env\n${line}\n`))
    t.true('problem' in parsed && parsed.problem.why === 'unparsable' && parsed.problem.detail.includes(line))
  })
}

test('a variable named like an object member is just another line', (t) => {
  t.deepEqual(parsedValue(subnetEnv, 'constructor=1\n__proto__=2\n').otherLines, [
    'constructor=1',
    '__proto__=2',
  ])
})

test('quotes, export and comments are taken as a shell takes them', (t) => {
  const text = `# by hand
 ; systemd's own comment
FLANNEL_NETWORK="10.244.0.0/16"
export FLANNEL_SUBNET='10.244.1.1/24'
  FLANNEL_MTU="14"'5'0\r
FLANNEL_IPMASQ=tr"u"e
`
  t.like(parsedValue(subnetEnv, text), {
    network: parsePrefix('10.244.0.0/16'),
    subnet: parsePrefix('10.244.1.1/24'),
    mtu: 1450,
    ipMasq: true,
    otherLines: [],
  })
})

test('lines that end as on Windows are told', (t) => {
  t.like(parsedValue(subnetEnv, 'FLANNEL_MTU=1450\r\n'), { mtu: 1450, hasCarriageReturns: true })
  t.is(parsedValue(subnetEnv, 'FLANNEL_MTU=1450\n').hasCarriageReturns, undefined)
})

test('an open quote and words side by side are a problem', (t) => {
  for (const line of ['FLANNEL_MTU="1450', "FLANNEL_MTU='1450", 'FLANNEL_MTU=1450 1', 'FLANNEL_MTU=1450\\'])
    t.true('problem' in subnetEnv.parse(sectionOf('subnetEnv', `${line}\n`)), line)
})

test('however a value is quoted, it is the same value', (t) => {
  const quoted = fc.constantFrom(
    (part: string) => part,
    (part: string) => `"${part}"`,
    (part: string) => `'${part}'`,
    (part: string) => part.replaceAll(/./g, '\\$&'),
  )
  const parts = fc.array(fc.tuple(fc.stringMatching(/^[0-9]{1,3}$/), quoted), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(parts, (pieces) => {
      const plain = pieces.map(([part]) => part).join('')
      const written = pieces.map(([part, quote]) => quote(part)).join('')
      t.is(parsedValue(subnetEnv, `FLANNEL_MTU=${written}\n`).mtu, Number(plain))
    }),
  )
})
