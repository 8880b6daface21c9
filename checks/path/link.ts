/**
 * The same walks as in route.ts: links on the way that are down, tunnels that nobody takes
 * packets out of, and public IPs that no host has.
 */
import { defineClusterCheck } from '../define.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { lossesByDrop } from '../trace/pairs/loss-draft.ts'

export const check = defineClusterCheck({
  id: 'path/link',
  title: 'Links on the way of every pair',
  backends: 'any',
  needs: ['config', 'leases'],
  walks: true,
  findings: {
    down: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{ways} ends at {place} of {host}: {why}',
      fix: 'Bring up what the message names on {host} (`ip link set LINK up`); for a flannel link see whether flanneld runs.',
    },
    'not-listening': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'nothing on {host} takes the packets that carry {ways}: {why}',
      fix: 'Restart flanneld on {host} and compare Backend.Port in etcd with `ip -d link show` and `ss -lun`.',
      heal: [RESTART_FLANNELD],
    },
    'vni-differs': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} does not know the VNI of the packets that carry {ways}: {why}',
      fix: 'Restart flanneld on the host whose VNI is not that of Backend.VNI in etcd.',
      heal: [RESTART_FLANNELD],
    },
    queue: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{ways} ends at {place} of {host}: {why}',
      fix: 'See `tc qdisc show`, `tc filter show dev LINK` and the qlen of `ip link show` on {host}, and take out what drops these packets.',
    },
    'no-answer': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} gets {ways} and does not answer: {why}',
      fix: 'Let it answer again: what the message names on {host}.',
    },
    'ttl-too-small': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} gives what carries {ways} a time to live that does not last to the first router: {why}',
      fix: 'Let {place} of {host} take the usual time to live: `ip link set {place} type vxlan ttl auto`.',
      heal: [run('ip link set {place} type vxlan ttl auto', 'what the link carries passes routers')],
    },
    'no-such-host': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends {ways} to an address that no host has: {why}',
      fix: 'Restart flanneld on the host that had this public IP, so that its lease has the present one.',
      heal: [{ on: 'peer', restart: 'flanneld' }],
    },
  },
  *evaluate({ cluster }) {
    yield* lossesByDrop(cluster.snapshot, 'link', {
      'link-down': 'down',
      'not-listening': 'not-listening',
      'vni-mismatch': 'vni-differs',
      'no-answer': 'no-answer',
      queue: 'queue',
      expired: 'ttl-too-small',
      'lost-on-underlay': 'no-such-host',
    })
  },
})
