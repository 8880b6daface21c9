// The kernel allows one vxlan link per VNI and UDP port in a network namespace (Linux drivers/net/vxlan,
// vxlan_vni_in_use). When another program has made one, flanneld cannot make its own and ends with "Link not
// found" (pkg/backend/vxlan/device.go, ensureLink).

import { defineHostCheck } from '../define.ts'
import { RESTART_FLANNELD, run } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'tunnel/foreign-vxlan',
  title: 'Other vxlan links with the same VNI and port',
  backends: ['vxlan'],
  needs: ['links', 'config'],
  needsExpected: false,
  findings: {
    conflicting: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: '{link} on {host} has VNI {vni} and UDP port {port}, so that the kernel refuses {own}: flanneld ends with "Link not found"',
      fix: 'Remove the link (`ip link del {link}`) and stop what makes it; or give flannel another VNI or port in the configuration and restart flanneld on every host.',
      heal: [run('ip link del {link}', 'the kernel lets flannel make its own link'), RESTART_FLANNELD],
      explains: [
        { code: 'daemon/process:not-running', when: 'same-host' },
        { code: 'daemon/log:vni-taken', when: 'same-host' },
        { code: 'link/flannel:missing', when: 'same-host' },
        { code: 'lease/own:missing', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
        { code: 'subnet-env/file:missing', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { links, config } }) {
    const own = `flannel.${config.vni}`
    if (links.some(({ name }) => name === own)) return
    const other = links.find(
      ({ name, vxlan }) =>
        vxlan?.vni === config.vni && vxlan.port === config.port && !name.startsWith('flannel'),
    )
    if (other === undefined) return
    const data = { link: other.name, vni: config.vni, port: config.port, own }
    yield {
      code: 'conflicting',
      object: named('link', other.name),
      expected: own,
      observed: other.name,
      data,
    }
  },
})
