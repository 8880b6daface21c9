import test from 'ava'
import { VXLAN_TAPS } from '../../../fixtures/traced-for-tests.ts'
import { HOST_GW, UDP, unread, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { C1, C2, PLAIN } from '../walk/cases-for-tests.ts'
import { walkPing } from '../walk.ts'
import { tapPlaces } from './tap-points.ts'

const places = (snapshot: ClusterSnapshot, from = C1, to = C2) =>
  tapPlaces(snapshot, { from, to }, walkPing(snapshot, { from, to }, PLAIN))
const words = (snapshot: ClusterSnapshot) =>
  places(snapshot).map(({ host, container, link }) => [host, container, link].filter(Boolean).join(' '))

test('every link from end to end, in order, each once', (t) => {
  t.deepEqual(places(VXLAN), VXLAN_TAPS)
})

for (const [backend, snapshot, carrier] of [
  ['host-gw', HOST_GW, undefined],
  ['udp', UDP, 'flannel0'],
] as const) {
  test(`${backend}: ${carrier ?? 'no flannel link'}`, (t) => {
    const links = words(snapshot)
    t.deepEqual(
      links.filter((link) => link.includes('flannel')),
      carrier ? [`h1 ${carrier}`, `h2 ${carrier}`] : [],
    )
    t.true(links.includes('h1 eth0') && links.includes('h2 eth0'))
    t.is(new Set(links).size, links.length)
  })
}

test('what was not read is not watched', (t) => {
  const links = words(unread('h2', 'containers')(VXLAN))
  t.false(links.some((link) => link.startsWith('h2 h2c1')))
  t.true(links.includes('h2 flannel.1'))
})
