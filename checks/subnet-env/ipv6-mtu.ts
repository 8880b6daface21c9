// With IPv6 beside IPv4 flannel makes a second vxlan link, flannel-v6.VNI, whose tunnel header is 20 bytes longer (70 instead
// of 50, `pkg/backend/vxlan/vxlan.go`, `RegisterNetwork`). subnet.env has one FLANNEL_MTU, that of IPv4 in
// the versions seen so far, so that full packets of IPv6 are larger than their link.
import { defineHostCheck } from '../define.ts'
import { VXLAN_OVERHEAD } from '../expected/constants.ts'

export const check = defineHostCheck({
  id: 'subnet-env/ipv6-mtu',
  title: 'FLANNEL_MTU and the IPv6 tunnel',
  backends: ['vxlan'],
  needs: ['config', 'subnetEnv', 'links'],
  needsExpected: false,
  findings: {
    'larger-than-link': {
      severity: 'info',
      confidence: 'certain',
      says: 'FLANNEL_MTU on {host} is {observed}, {link} carries {expected}: full IPv6 packets of containers are refused with "packet too big" and sent again smaller',
      fix: 'Set "MTU": {mtu} in the Backend of the configuration (of the underlay, v0.21.3 and later), delete both vxlan links, restart flanneld, then Docker; and let ICMPv6 type 2 through every firewall.',
    },
  },
  *evaluate({ facts: { config, subnetEnv, links } }) {
    if (!config.enableIpv6 || subnetEnv.mtu === undefined) return
    const link = links.find(({ name }) => name === `flannel-v6.${config.vni}`)
    if (link === undefined || link.mtu >= subnetEnv.mtu) return
    const [expected, observed] = [String(link.mtu), String(subnetEnv.mtu)]
    const data = { link: link.name, mtu: link.mtu + VXLAN_OVERHEAD }
    yield { code: 'larger-than-link', object: 'FLANNEL_MTU', expected, observed, data, shownBy: 'subnetEnv' }
  },
})
