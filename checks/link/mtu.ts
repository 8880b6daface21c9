// The flannel link's MTU is the underlay's less the encapsulation: 50 bytes for vxlan
// (pkg/backend/vxlan/device.go, newVXLANDevice), 28 for udp. An existing vxlan link is kept
// although its MTU differs (vxlanLinksIncompat does not compare it), so a changed underlay
// MTU reaches subnet.env but not the link.

import { defineHostCheck } from '../define.ts'
import { flannelLink } from '../expected/flannel-link.ts'
import { RESTART_DOCKER, RESTART_FLANNELD, run } from '../heal/steps.ts'
import { named } from '../model/named.ts'

export const check = defineHostCheck({
  id: 'link/mtu',
  title: 'MTU of the flannel link',
  backends: ['vxlan', 'udp'],
  needs: ['links'],
  needsExpected: true,
  findings: {
    differs: {
      severity: 'warning',
      confidence: 'likely',
      says: '{link} on {host} has MTU {observed}, {bound} leaves room for {expected}',
      fix: 'Delete the link and restart flanneld and then Docker on {host}: `ip link del {link}`, `systemctl restart flanneld docker`.',
      withPods: {
        fix: '`ip link del {link}` on {host}, then restart its flannel pod and create the pods of the node again.',
      },
      heal: [
        run('ip link del {link}', 'the link goes, flanneld makes it with the right MTU'),
        RESTART_FLANNELD,
        RESTART_DOCKER,
      ],
      explains: [
        { code: 'underlay/mtu:*', when: 'anywhere' },
        { code: 'bridge/mtu:too-large', when: 'same-host' },
        { code: 'bridge/container-mtu:too-large', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts, expected }) {
    if (!expected.link) return
    const { name, mtu } = expected.link
    const link = flannelLink(facts.links, name)
    if ('unsure' in link) return yield link
    if (mtu === undefined) return yield { unsure: 'the MTU of the underlay link is not known' }
    if (link.mtu === mtu) return
    yield {
      code: 'differs',
      object: named('link', name),
      expected: String(mtu),
      observed: String(link.mtu),
      data: {
        link: name,
        bound: expected.config.mtu === undefined ? 'the underlay link' : 'MTU in the configuration',
      },
    }
  },
})
