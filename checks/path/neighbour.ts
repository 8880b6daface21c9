/**
 * The same walks as in route.ts: what neighbour and FDB entries do to the packets, on the flannel
 * link, on the underlay and on the container bridge (Linux `net/ipv4/arp.c`,
 * `drivers/net/vxlan/vxlan_core.c`, `vxlan_xmit`).
 */
import { defineClusterCheck } from '../define.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { lossesByDrop } from '../trace/pairs/loss-draft.ts'

export const check = defineClusterCheck({
  id: 'path/neighbour',
  title: 'Neighbour and FDB entries on the way of every pair',
  backends: 'any',
  needs: ['config', 'leases'],
  walks: true,
  findings: {
    unresolved: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} finds nobody to send {ways} to: {why}',
      fix: 'See `ip neigh show` on {host}; for an entry of the flannel link restart flanneld there.',
      heal: [RESTART_FLANNELD],
    },
    'wrong-mac': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends {ways} to the wrong machine: {why}',
      fix: 'On {host} delete the entry (`ip neigh show` has it), so that the kernel asks again; for one of the flannel link restart flanneld.',
      heal: [RESTART_FLANNELD],
    },
    'no-fdb-entry': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no FDB entry for {ways}: {why}',
      fix: 'Restart flanneld on {host}: it writes the entries of every lease again.',
      heal: [RESTART_FLANNELD],
    },
    'wrong-vtep': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the VTEP of {host} does not take {ways}: {why}',
      fix: 'Restart flanneld on {host}, so that its lease has the MAC address of its link.',
      heal: [RESTART_FLANNELD],
    },
  },
  *evaluate({ cluster }) {
    yield* lossesByDrop(cluster.snapshot, 'neighbour', {
      'no-neighbour': 'unresolved',
      'wrong-neighbour': 'wrong-mac',
      'no-fdb': 'no-fdb-entry',
      'wrong-vtep': 'wrong-vtep',
    })
  },
})
