// All hosts of a network must use one VNI; the kernel drops, without a word, frames of a VNI that
// no link has. flannel names the link after the VNI and reads the configuration only at start
// (pkg/backend/vxlan/vxlan.go, RegisterNetwork), so a host that was not restarted after a change of
// `Backend.VNI` keeps its link of the former VNI, with the MAC that is in its lease.

import { defineHostCheck } from '../define.ts'
import type { ExpectedLink } from '../expected/expected.ts'
import { notThere, withVxlan } from '../expected/flannel-link.ts'
import { RESTART_FLANNELD } from '../heal/steps.ts'
import type { Link } from '../model/link.ts'
import { named } from '../model/named.ts'

/** The VTEP: the link of the expected name, or else the vxlan link with the MAC of the own lease. */
function vtep(links: readonly Link[], expected: ExpectedLink): Link | undefined {
  return (
    links.find(({ name }) => name === expected.name) ??
    links.find(({ vxlan, mac }) => vxlan !== undefined && mac !== undefined && mac === expected.mac)
  )
}

export const check = defineHostCheck({
  id: 'tunnel/vni',
  title: 'VNI of the VTEP',
  backends: ['vxlan'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    wrong: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: "{link} on {host} has VNI {observed}, the network uses VNI {expected}: both sides drop the other's packets without an error",
      fix: 'Restart flanneld on {host}; it replaces the link. If the VNI in the configuration was changed, restart flanneld on every host.',
      heal: [RESTART_FLANNELD],
      explains: [{ code: 'link/flannel:missing', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link?.vxlan) return
    const { name, vxlan } = expected.link
    const link = withVxlan(vtep(facts.links, expected.link) ?? notThere(name))
    if ('unsure' in link) return yield link
    if (link.vxlan.vni === vxlan.vni) return
    yield {
      code: 'wrong',
      object: named('link', link.name),
      expected: String(vxlan.vni),
      observed: String(link.vxlan.vni),
      data: { link: link.name },
    }
  },
})
