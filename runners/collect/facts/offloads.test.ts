import test from 'ava'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { offloads } from './offloads.ts'

const SHOWN = `link=flannel.1
Features for flannel.1:
rx-checksumming: on
tx-checksumming: off
\ttx-checksum-ipv4: off [fixed]
\ttx-checksum-ip-generic: off [requested on]
rx-all: off [fixed]
link=flannel-v6.1
Features for flannel-v6.1:
\ttx-checksum-ip-generic: on
link=flannel.gone
`

test('features of each flannel link; a link that went has none', (t) => {
  const found = parsedValue(offloads, SHOWN)
  t.deepEqual([...found.keys()], ['flannel.1', 'flannel-v6.1'])
  t.true(found.get('flannel.1')?.off.includes('tx-checksum-ip-generic'))
  t.deepEqual(found.get('flannel.1')?.on, ['rx-checksumming'])
  t.deepEqual(found.get('flannel-v6.1'), { on: ['tx-checksum-ip-generic'], off: [] })
})

test('a host without flannel links, one without ethtool, another text', (t) => {
  const why = (text: string) => {
    const parsed = offloads.parse(sectionOf('offloads', text))
    return 'problem' in parsed ? parsed.problem.why : parsed.value.size
  }
  t.is(why(''), 0)
  t.is(why('not installed\n'), 'not-applicable')
  t.is(why('Features for lo:\n'), 'unparsable')
})
