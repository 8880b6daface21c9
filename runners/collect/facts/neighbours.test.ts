import test from 'ava'
import { parsedValue, recordedText } from '../saved/recorded-section.ts'
import { neighbours } from './neighbours.ts'

const recorded = (state: string, host = 'h1') =>
  parsedValue(neighbours, recordedText(state, host, 'neighbours'))

test('permanent entries of the peers', (t) => {
  const permanent = recorded('v0.10.0-vxlan').filter(({ states }) => states.includes('PERMANENT'))
  t.deepEqual(permanent, [
    { address: '10.2.87.0', link: 'flannel.1', mac: '5a:de:6b:0c:f7:f2', states: ['PERMANENT'] },
    { address: '10.2.22.0', link: 'flannel.1', mac: 'c2:c9:eb:1f:8a:bb', states: ['PERMANENT'] },
  ])
})

for (const host of ['h1', 'h2', 'h3']) {
  test(`the plain form of ${host} says the same of entries that are no multicast`, (t) => {
    const known = recorded('v0.10.0-vxlan', host).filter(({ states }) => !states.includes('NOARP'))
    t.deepEqual(recorded('v0.10.0-vxlan-plain', host), known)
  })
}

test('an entry without an answer has no MAC address', (t) => {
  const plain = parsedValue(neighbours, '10.1.7.9 dev flannel.1 used 0/0/0 probes 6 FAILED\n')
  t.deepEqual(plain, [{ address: '10.1.7.9', link: 'flannel.1', states: ['FAILED'] }])
  const row = '[{"dst":"10.1.7.9","dev":"flannel.1","state":["FAILED"]}]'
  t.deepEqual(parsedValue(neighbours, row), plain)
})

test('an empty dump is an empty table', (t) => {
  t.deepEqual(parsedValue(neighbours, ''), [])
  t.deepEqual(parsedValue(neighbours, '[ ]'), [])
})
