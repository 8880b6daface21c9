// flannel sets `gbp` and `nolearning` from Backend.GBP and Backend.Learning when it makes the link.
// A link with another GBP is replaced at start, one with another Learning is kept
// (pkg/backend/vxlan/device.go, vxlanLinksIncompat). With GBP the packet header carries a policy
// mark, which a receiver without GBP rejects (Linux drivers/net/vxlan, vxlan_rcv: unparsed flags).

import { defineHostCheck } from '../define.ts'
import { flannelLink, withVxlan } from '../expected/flannel-link.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'tunnel/options',
  title: 'GBP and learning of the VTEP',
  backends: ['vxlan'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    'gbp-differs': {
      severity: 'warning',
      confidence: 'certain',
      says: '{link} on {host} has group policy {observed}, the configuration says {expected}: marked packets are lost between unlike hosts',
      fix: 'Restart flanneld on {host}; it replaces the link.',
      heal: [RESTART_FLANNELD],
    },
    'learning-differs': {
      severity: 'info',
      confidence: 'certain',
      says: '{link} on {host} has learning {observed}, the configuration says {expected}; flannel keeps an existing link',
      fix: 'No need to hurry: the entries flannel writes decide. To apply it, delete {link} and restart flanneld on {host}.',
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link?.vxlan) return
    const { name, vxlan } = expected.link
    const link = withVxlan(flannelLink(facts.links, name))
    if ('unsure' in link) return yield link
    const about = { object: named('link', name), data: { link: name } }
    const differing = (key: 'gbp' | 'learning') => ({
      ...about,
      expected: vxlan[key] ? 'on' : 'off',
      observed: link.vxlan[key] ? 'on' : 'off',
    })
    if (link.vxlan.gbp !== vxlan.gbp) yield { code: 'gbp-differs', ...differing('gbp') }
    if (link.vxlan.learning !== vxlan.learning) yield { code: 'learning-differs', ...differing('learning') }
  },
})
