// FLANNEL_IPMASQ repeats flanneld's own `-ip-masq` (`pkg/subnet/subnet.go`, `WriteSubnetFile`), and
// mk-docker-opts turns it round for Docker: exactly one of the two is to masquerade. A file from a
// run with the other option makes both do it, or none.
import { defineHostCheck } from '../define.ts'
import { RESTART_DOCKER, RESTART_FLANNELD } from '../heal/steps.ts'

export const check = defineHostCheck({
  id: 'subnet-env/ip-masq',
  title: 'FLANNEL_IPMASQ',
  backends: 'any',
  needs: ['subnetEnv', 'flanneld', 'leases', 'config'],
  needsExpected: true,
  findings: {
    'differs-from-option': {
      severity: 'warning',
      confidence: 'certain',
      says: 'FLANNEL_IPMASQ on {host} is {observed}, flanneld runs with -ip-masq={expected}: Docker and flannel both masquerade, or neither does',
      fix: 'Restart flanneld on {host}, which writes the file again, then run mk-docker-opts and restart Docker.',
      withPods: {
        says: 'FLANNEL_IPMASQ on {host} is {observed}, flanneld runs with -ip-masq={expected}: the CNI plugin and flannel both masquerade, or neither does',
        fix: 'Restart the flannel pod of {host}, which writes the file again, then create the pods of the node again.',
      },
      heal: [RESTART_FLANNELD, RESTART_DOCKER],
      explains: [
        { code: 'netfilter/container-masquerade:*', when: 'same-host' },
        { code: 'bridge/docker-options:ip-masq-differs', when: 'same-host' },
      ],
    },
  },
  *evaluate({ facts: { subnetEnv, flanneld }, expected }) {
    if (flanneld.processes.length === 0)
      return yield { unsure: 'flanneld does not run: its -ip-masq is not known' }
    const wanted = expected.subnetEnv.ipMasq
    if (wanted === undefined) return yield { unsure: 'the -ip-masq of flanneld is not known' }
    const { ipMasq, path } = subnetEnv
    if (ipMasq === undefined) return yield { unsure: `${path} has no readable FLANNEL_IPMASQ` }
    if (ipMasq === wanted) return
    yield {
      code: 'differs-from-option',
      object: 'FLANNEL_IPMASQ',
      expected: `${wanted}`,
      observed: `${ipMasq}`,
    }
  },
})
