/**
 * The same walks as in route.ts with packets of FLANNEL_MTU or of the ends' own links, whichever is
 * smaller: flannel promises that these pass. A veth end refuses what is larger than its MTU without a
 * word to the sender (Linux `net/core/dev.c`, `__is_skb_forwardable`), so path MTU discovery cannot help.
 */
import { defineClusterCheck } from '../define.ts'
import { lossesByDrop } from '../trace/pairs/loss-draft.ts'

export const check = defineClusterCheck({
  id: 'path/size',
  title: 'Packets of full size between every pair',
  backends: 'any',
  needs: ['config', 'leases'],
  walks: true,
  findings: {
    'too-large': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'packets of {size} bytes do not pass {place} of {host} ({ways}): {why}',
      fix: 'Give that link of {host} the MTU that the packets need (`ip link set LINK mtu SIZE`), or lower the MTU of the containers: --mtu for dockerd, then new containers.',
    },
  },
  *evaluate({ cluster }) {
    yield* lossesByDrop(cluster.snapshot, 'size', { 'too-big': 'too-large' })
  },
})
