import test from 'ava'
import { nearestName } from './nearest-name.ts'

const KNOWN = [
  'route',
  'route/peer-subnet',
  'fdb/peer-vtep',
  'fdb/peer-vtep:missing',
  'FL-VXLAN-20',
  'etcd',
] as const

for (const [typed, meant] of [
  ['fdb/per-vtep', 'fdb/peer-vtep'],
  ['fl-vxlan-21', 'FL-VXLAN-20'],
  ['fdb/peer', 'fdb/peer-vtep'],
  ['peer-sub', 'route/peer-subnet'],
  ['missing', 'fdb/peer-vtep:missing'],
  ['rote', 'route'],
  ['etdc', 'etcd'],
  ['zz', undefined],
  ['', undefined],
  ['__proto__', undefined],
] as const) {
  test(`"${typed}" probably means ${meant}`, (t) => {
    t.is(nearestName(typed, KNOWN), meant)
  })
}
