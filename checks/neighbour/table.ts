// The neighbour table has one limit for all namespaces of a machine, net.ipv4.neigh.default.gc_thresh3; at the
// limit new entries fail with "neighbour table overflow" (Linux net/core/neighbour.c, neigh_alloc). flannel's
// permanent entries count before kernel 5.0 and are exempt since (NUD_PERMANENT, gc_list).

import { defineHostCheck } from '../define.ts'
import { run } from '../heal/steps.ts'
import { named } from '../model/named.ts'
import type { Neighbour } from '../model/neighbour.ts'

/** Share of the limit from which on it is told. */
const NEAR = 0.9
/** First kernel whose permanent entries do not count. */
const EXEMPT_SINCE = 5

function counts({ address, states }: Neighbour, isExempt: boolean): boolean {
  if (address.includes(':')) return false
  return !(isExempt && (states.includes('PERMANENT') || states.includes('NOARP')))
}

export const check = defineHostCheck({
  id: 'neighbour/table',
  title: 'Size of the neighbour table',
  backends: 'any',
  needs: ['neighbours', 'sysctls', 'kernel'],
  needsExpected: false,
  findings: {
    'near-limit': {
      severity: 'warning',
      confidence: 'certain',
      says: 'the neighbour table of {host} has {observed} of at most {expected} entries: beyond that new neighbours are refused and traffic fails now and then',
      fix: 'Raise net.ipv4.neigh.default.gc_thresh1, gc_thresh2 and gc_thresh3 (three to four times the number of containers and peers) in sysctl.d.',
      heal: [
        run(
          'sysctl -w net.ipv4.neigh.default.gc_thresh3={doubled}',
          'there is room for as many again',
          'sysctl -w net.ipv4.neigh.default.gc_thresh3={expected}',
        ),
      ],
      explains: [{ code: 'neighbour/peer-vtep:missing', when: 'same-host' }],
    },
  },
  *evaluate({ facts: { neighbours, sysctls, kernel } }) {
    const limit = Number(sysctls.get('net.ipv4.neigh.default.gc_thresh3'))
    // The setting exists in the machine's first network namespace only.
    if (!Number.isInteger(limit) || limit <= 0) return
    const isExempt = Number.parseInt(kernel.release, 10) >= EXEMPT_SINCE
    const count = neighbours.filter((one) => counts(one, isExempt)).length
    if (count < limit * NEAR) return
    const object = named('sysctl', 'net.ipv4.neigh.default.gc_thresh3')
    yield {
      code: 'near-limit',
      object,
      expected: `${limit}`,
      observed: `${count}`,
      data: { doubled: 2 * limit },
    }
  },
})
