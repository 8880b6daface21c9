/**
 * Every ordered pair of hosts is walked through the collected state: containers with containers,
 * hosts with containers, hosts with the other's bridge, echo and reply, a small packet and the
 * largest that flannel promises to carry. This check says what routing does to them: policy rules,
 * tables, forwarding, source validation (Linux `net/ipv4/ip_forward.c`, `net/ipv4/fib_frontend.c`).
 */
import { defineClusterCheck } from '../define.ts'
import { lossesByDrop } from '../trace/pairs/loss-draft.ts'

export const check = defineClusterCheck({
  id: 'path/route',
  title: 'Routes on the way of every pair',
  backends: 'any',
  needs: ['config', 'leases'],
  walks: true,
  findings: {
    none: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} has no way on for {ways}: {why}',
      fix: 'See `ip rule show` and `ip route show table all` on {host}: remove the rule or route that refuses these packets, or restart flanneld, which writes its own again.',
    },
    astray: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} sends {ways} the wrong way: {why}',
      fix: 'Remove the route or policy rule that leads there: `ip route show table all` and `ip rule show` on {host} have it; restart flanneld if its own route is gone.',
    },
    captured: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{ways} ends on {host}: {why}',
      fix: 'Give the address to one of them only: `ip addr show` on {host}.',
    },
    'source-refused': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} refuses the source of {ways}: {why}',
      fix: 'Mend the way back on {host}, or set rp_filter of that link to 2 or 0.',
    },
    'forwarding-off': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} does not forward {ways}: {why}',
      fix: 'On {host}: `sysctl -w net.ipv4.ip_forward=1`, and keep it in /etc/sysctl.d.',
    },
    ipsec: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{host} loses {ways}: {why}',
      fix: 'Delete the policy on {host} (`ip xfrm policy list`), or leave the addresses of the network out of it; the program that wrote it (strongSwan, Libreswan) writes it again.',
    },
    'ttl-too-small': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{ways} does not come far: {why}',
      fix: 'Write the route without hoplimit (`ip route replace` with its other words), or set net.ipv4.ip_default_ttl to 64, whichever it is.',
    },
    loop: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{ways} runs in a loop at {host}: {why}',
      fix: 'Two routes send these packets to each other: `ip route get ADDRESS` on each host of the way shows them.',
    },
  },
  *evaluate({ cluster }) {
    yield* lossesByDrop(cluster.snapshot, 'route', {
      'no-route': 'none',
      'wrong-route': 'astray',
      captured: 'captured',
      'reverse-path': 'source-refused',
      'forwarding-off': 'forwarding-off',
      ipsec: 'ipsec',
      expired: 'ttl-too-small',
      loop: 'loop',
    })
  },
})
