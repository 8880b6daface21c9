import test from 'ava'
import { parsedValue, sectionOf } from '../saved/recorded-section.ts'
import { linkOwners } from './link-owners.ts'

const BOTH = `read
nm=flannel.1:connected (externally)
nm=eth0:connected
nm=odd\\:name:unmanaged
networkd=  1 lo           loopback carrier     unmanaged
networkd=● 3 flannel.1    vxlan    routable    configured
networkd=IDX LINK
foreign=yes
foreign=No
`

test('links of both services, the last setting wins', (t) => {
  t.deepEqual(parsedValue(linkOwners, BOTH), {
    networkManager: [
      { link: 'flannel.1', state: 'connected (externally)' },
      { link: 'eth0', state: 'connected' },
      { link: 'odd:name', state: 'unmanaged' },
    ],
    networkd: [
      { link: 'lo', state: 'unmanaged' },
      { link: 'flannel.1', state: 'configured' },
    ],
    manageForeignRoutes: false,
  })
})

test('neither service runs', (t) => {
  t.deepEqual(parsedValue(linkOwners, 'read\n'), { networkManager: [], networkd: [] })
})

test('a shared machine has none of its own; another text is no answer', (t) => {
  const why = (text: string) => {
    const parsed = linkOwners.parse(sectionOf('linkOwners', text))
    return 'problem' in parsed ? parsed.problem.why : undefined
  }
  t.is(why('shared\n'), 'not-applicable')
  t.is(why('nmcli: broken\n'), 'unparsable')
})
