import test from 'ava'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { ipsets } from './ipsets.ts'

const SAVED = `create blocked hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x1
add blocked 10.5.0.0/16
add blocked 10.5.7.0/24 nomatch
create ports hash:ip,port family inet hashsize 1024 maxelem 65536 timeout 0
add ports 10.5.1.2,tcp:80 timeout 30
`

test('sets with their members, dimension by dimension', (t) => {
  const sets = parsedValue(ipsets, SAVED)
  t.deepEqual([...sets.keys()], ['blocked', 'ports'])
  t.deepEqual(sets.get('blocked')?.members, [
    { parts: ['10.5.0.0/16'], isException: false },
    { parts: ['10.5.7.0/24'], isException: true },
  ])
  t.deepEqual(sets.get('ports'), {
    name: 'ports',
    type: 'hash:ip,port',
    members: [{ parts: ['10.5.1.2', 'tcp:80'], isException: false }],
  })
})

test('a host without the tool has none that are known; another text is not taken for sets', (t) => {
  t.is(parsedValue(ipsets, '').size, 0)
  t.true('problem' in ipsets.parse(sectionOf('ipsets', 'Kernel error received\n')))
})
