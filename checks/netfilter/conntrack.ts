// Every forwarded flow takes an entry of the connection table; at net.netfilter.nf_conntrack_max the kernel drops
// the first packet of each new flow ("nf_conntrack: table full, dropping packet"; Linux
// net/netfilter/nf_conntrack_core.c, __nf_conntrack_alloc). flannel sets no limit.

import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import { named } from '../model/named.ts'

/** Share of the limit from which on it is told. */
const NEAR = 0.95

function setting(sysctls: ReadonlyMap<string, string>, name: string): number {
  return Number(sysctls.get(`net.netfilter.nf_conntrack_${name}`))
}

export const check = defineHostCheck({
  id: 'netfilter/conntrack',
  title: 'Size of the connection table',
  backends: 'any',
  needs: ['sysctls'],
  needsExpected: false,
  findings: {
    full: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the connection table of {host} is full ({observed} of {expected}): new flows are dropped, old ones go on',
      fix: 'Raise it at once: `sysctl -w net.netfilter.nf_conntrack_max={doubled}`; then find what opens so many flows (`conntrack -L`).',
      heal: [
        run(
          'sysctl -w net.netfilter.nf_conntrack_max={doubled}',
          'there is room for as many again',
          'sysctl -w net.netfilter.nf_conntrack_max={expected}',
        ),
      ],
    },
    'near-limit': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the connection table of {host} is nearly full: {observed} of {expected}',
      fix: 'Raise it: `sysctl -w net.netfilter.nf_conntrack_max={doubled}`, and in sysctl.d.',
      heal: [
        run(
          'sysctl -w net.netfilter.nf_conntrack_max={doubled}',
          'there is room for as many again',
          'sysctl -w net.netfilter.nf_conntrack_max={expected}',
        ),
      ],
    },
  },
  *evaluate({ facts: { sysctls } }) {
    const [count, limit] = [setting(sysctls, 'count'), setting(sysctls, 'max')]
    // 0 is no limit; a kernel without connection tracking has neither setting.
    if (!(limit > 0) || !(count >= limit * NEAR)) return
    const object = named('sysctl', 'net.netfilter.nf_conntrack_max')
    const code = count >= limit ? 'full' : 'near-limit'
    yield { code, object, expected: `${limit}`, observed: `${count}`, data: { doubled: limit * 2 } }
  },
})
