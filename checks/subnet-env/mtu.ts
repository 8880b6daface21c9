// FLANNEL_MTU is what containers may send: the external link's MTU less the encapsulation, 50 bytes for
// vxlan, 28 for udp, none for host-gw (`encapOverhead` in `pkg/backend/vxlan/vxlan_network.go` and
// `pkg/backend/udp/udp_network_amd64.go`). flanneld works it out at its start and does not follow
// later changes of the link.
import { defineHostCheck } from '../define.ts'
import { RESTART_DOCKER, RESTART_FLANNELD } from '../heal/steps.ts'

export const check = defineHostCheck({
  id: 'subnet-env/mtu',
  title: 'FLANNEL_MTU',
  backends: 'any',
  needs: ['subnetEnv', 'links', 'leases', 'config'],
  needsExpected: true,
  findings: {
    wrong: {
      severity: 'warning',
      confidence: 'certain',
      says: 'FLANNEL_MTU on {host} is {observed}, {expected} is all that {bound}: large packets are dropped or fragmented',
      fix: 'Restart flanneld on {host} (after `ip link del` of its vxlan link, whose MTU is set only when it is made), then restart Docker and the containers.',
      withPods: {
        fix: 'Restart the flannel pod of {host} (after `ip link del` of its vxlan link, whose MTU is set only when it is made), then create the pods of the node again.',
      },
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
      explains: [
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
        { code: 'bridge/container-mtu:too-large', when: 'same-host' },
        { code: 'bridge/mtu:too-large', when: 'same-host' },
        { code: 'link/mtu:differs', when: 'same-host' },
      ],
    },
    'smaller-than-needed': {
      severity: 'info',
      confidence: 'certain',
      says: 'FLANNEL_MTU on {host} is {observed}, {link} would carry {expected}',
      fix: 'Restart flanneld and then Docker on {host} if the larger packets are wanted; nothing is lost.',
      withPods: {
        fix: 'Restart the flannel pod of {host} and create the pods of the node again if the larger packets are wanted; nothing is lost.',
      },
    },
  },
  *evaluate({ facts: { subnetEnv }, expected }) {
    const { mtu, path } = subnetEnv
    if (mtu === undefined) return yield { unsure: `${path} has no readable FLANNEL_MTU` }
    const wanted = expected.subnetEnv.mtu
    if (wanted === undefined) return yield { unsure: 'the MTU of the external link is not known' }
    if (mtu === wanted) return
    const link = expected.externalLink?.name ?? 'the external link'
    const isTold = expected.config.mtu !== undefined
    const data = { link, bound: isTold ? 'MTU in the configuration leaves' : `${link} carries` }
    const code = mtu > wanted ? 'wrong' : 'smaller-than-needed'
    yield { code, object: 'FLANNEL_MTU', expected: `${wanted}`, observed: `${mtu}`, data }
  },
})
