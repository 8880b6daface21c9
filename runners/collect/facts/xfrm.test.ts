import test from 'ava'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { xfrm } from './xfrm.ts'

const PRINTED = `src 0.0.0.0/0 dst 10.1.0.0/24 proto icmp type 8 code 0 
	dir in priority 0 ptype main 
	tmpl src 1.1.1.1 dst 2.2.2.2
		proto esp reqid 0 mode tunnel
		level use 
src 10.0.0.0/24 dst 10.1.0.0/24 proto udp sport 1 dport 4789 dev lo 
	dir out action block priority 7 ptype main 
	mark 0x5/0xff 
src fd00::/8 dst fd01::/8 
	dir out action block priority 0 ptype main 
src 10.5.0.0/16 dst 0.0.0.0/0 
	dir fwd priority 3 ptype main 
	tmpl src 1.1.1.1 dst 2.2.2.2
		proto esp reqid 0 mode tunnel
src 0.0.0.0/0 dst 0.0.0.0/0 
	socket in priority 0 ptype main 
	 SAD count 2
`

test('selectors, action, priority and what must be encrypted', (t) => {
  const { policies, associations } = parsedValue(xfrm, PRINTED)
  t.is(associations, 2)
  t.deepEqual(
    policies.map(({ direction, isBlock, isRequired, priority }) => [
      direction,
      isBlock,
      isRequired,
      priority,
    ]),
    [
      ['in', false, false, 0],
      ['out', true, false, 7],
      ['fwd', false, true, 3],
    ],
  )
  t.deepEqual(policies[0]?.selectors, ['proto icmp', 'type 8', 'code 0'])
  t.deepEqual(policies[1]?.selectors, ['proto udp', 'sport 1', 'dport 4789', 'dev lo', 'mark 0x5/0xff'])
  t.is(
    policies[1]?.text,
    'src 10.0.0.0/24 dst 10.1.0.0/24 proto udp sport 1 dport 4789 dev lo dir out action block priority 7 ptype main',
  )
})

test('no policies, and another text', (t) => {
  t.deepEqual(parsedValue(xfrm, ' SAD count 0\n'), { policies: [], associations: 0 })
  t.true('problem' in xfrm.parse(sectionOf('xfrm', 'what\n')))
})
