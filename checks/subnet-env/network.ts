// FLANNEL_NETWORK repeats Network of the configuration that flanneld read at its start
// (`pkg/subnet/subnet.go`, `WriteSubnetFile`). flanneld does not watch the configuration, so the file
// tells which network this host lives in. Another flannel with the same default path overwrites it.
import { defineHostCheck } from '../define.ts'
import { RESTART_DOCKER, RESTART_FLANNELD } from '../heal/steps.ts'
import { formatPrefix, maskPrefix, samePrefix } from '../model/address.ts'

export const check = defineHostCheck({
  id: 'subnet-env/network',
  title: 'FLANNEL_NETWORK',
  backends: 'any',
  needs: ['subnetEnv', 'config'],
  needsExpected: false,
  findings: {
    'differs-from-config': {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'FLANNEL_NETWORK on {host} is {observed}, the configuration says {expected}',
      fix: 'Restart flanneld on {host} to read the configuration again, then Docker; if the value comes back, a second flanneld writes {path}.',
      withPods: {
        fix: 'Restart the flannel pod of {host} to read the configuration again; if the value comes back, a second flanneld writes {path}.',
      },
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
      explains: [
        { code: 'subnet-env/subnet:differs-from-lease', when: 'same-host' },
        { code: 'subnet-env/mtu:*', when: 'same-host' },
        { code: 'subnet-env/ip-masq:differs-from-option', when: 'same-host' },
        { code: 'netfilter/masquerade:missing', when: 'same-host' },
        { code: 'netfilter/flannel-forward-rules:missing', when: 'same-host' },
        { code: 'link/address:wrong', when: 'same-host' },
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { subnetEnv, config } }) {
    const { network, path } = subnetEnv
    if (network === undefined) return yield { unsure: `${path} has no readable FLANNEL_NETWORK` }
    if (samePrefix(network, config.network)) return
    const expected = formatPrefix(maskPrefix(config.network))
    const observed = formatPrefix(network)
    yield { code: 'differs-from-config', object: 'FLANNEL_NETWORK', expected, observed, data: { path } }
  },
})
