import test from 'ava'
import { reportOf } from '../reports-for-tests.ts'
import { undecidedOf } from './undecided.ts'

test('what root would read besides is said once for all hosts', async (t) => {
  const report = await reportOf('v0.28.9-vxlan')
  const closed = { why: 'not-permitted', detail: 'you must be root' } as const
  const hosts = report.hosts.map((host, at) => ({
    ...host,
    facts: { known: [], absent: [{ fact: at === 0 ? 'iptables' : 'nftables', ...closed }] },
  }))
  t.deepEqual(undecidedOf({ ...report, hosts }), [
    {
      reason: 'root there would also read iptables, nftables',
      hosts: hosts.map(({ name }) => name),
      checks: [],
    },
  ])
})

test('a check that only the datastore keeps from judging is no reason of its own', async (t) => {
  const report = await reportOf('v0.28.9-vxlan')
  const [first] = report.results
  const blocked = { ...first, outcome: 'inconclusive', reason: 'config missing', findings: [] } as const
  const of = (more: object) =>
    undecidedOf({
      ...report,
      datastoreProblems: ['etcd does not answer'],
      results: [{ ...blocked, check: 'x', scope: 'cluster', ...more }],
    }).map(({ reason }) => reason)
  t.deepEqual(of({ blockedBy: 'datastore' }), ['etcd does not answer'])
  t.deepEqual(of({}), ['etcd does not answer', 'config missing'])
})
