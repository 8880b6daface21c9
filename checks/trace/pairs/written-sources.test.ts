import test from 'ava'
import { both, type Edit, HOST_GW, rule, VXLAN } from '../../../fixtures/walk-edits-for-tests.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { plannedPairs } from './pairs.ts'
import { predictions } from './predictions.ts'
import { writtenSources } from './written-sources.ts'

const masquerade = (words = ''): Edit =>
  rule('h1', 'nat/POSTROUTING', `-s 10.2.1.0/24 ${words} -j MASQUERADE`.replaceAll('  ', ' '))

const EDITS: Readonly<Record<string, Edit>> = {
  'no rule': (cluster) => cluster,
  'a rule for all packets': masquerade(),
  'a rule for connections alone': masquerade('-p tcp'),
  'a rule for pings alone': masquerade('-p icmp'),
  'a rule for all packets, and one for connections elsewhere': both(
    masquerade(),
    rule('h2', 'FORWARD', '-p tcp -j ACCEPT'),
  ),
  'a rule for pings that are lost': both(masquerade(), rule('h2', 'FORWARD', '-p icmp -j DROP')),
}

/** What is written on the way of the first connection of every pair of hosts. */
function written(cluster: ClusterSnapshot): readonly string[] {
  return plannedPairs(cluster).pairs.flatMap(({ from: { containers }, to }) => {
    const [sender, target] = [containers[0], to.containers[0]]
    if (sender === undefined || target === undefined) return []
    const made = writtenSources(cluster, { from: sender, to: target })
    // A plain and a large ping meet the same.
    const rules = new Set(made.map(({ host, rule: { by } }) => `${host} ${by}`))
    return [`${sender.host} to ${target.host}: ${[...rules]}`]
  })
}

for (const [name, edit] of Object.entries(EDITS))
  for (const [backend, healthy] of Object.entries({ vxlan: VXLAN, 'host-gw': HOST_GW }))
    test(`${backend}, ${name}: of walked pairs the same as of others`, (t) => {
      const cluster = edit(healthy)
      const unwalked = written(cluster)
      const walked = { ...cluster }
      predictions(walked)
      t.deepEqual(written(walked), unwalked)
    })

test('a rule for connections alone is met, one for pings alone is not', (t) => {
  const [tcp, icmp] = ['-p tcp', '-p icmp'].map((words) => {
    const cluster = masquerade(words)(VXLAN)
    predictions(cluster)
    return written(cluster).filter((text) => text.includes('MASQUERADE')).length
  })
  t.true((tcp ?? 0) > 0)
  t.is(icmp, 0)
})
