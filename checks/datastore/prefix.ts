// flanneld reads PREFIX/config and writes PREFIX/subnets, PREFIX from `-etcd-prefix` (`main.go`;
// default /coreos.com/network; distributions use /atomic.io/network and others). Hosts with different
// prefixes live in different networks although they share one etcd.
import { defineHostCheck } from '../define.ts'
import { flanneldOptions, isSamePrefix } from '../expected/flanneld-options.ts'
import { RESTART_DOCKER } from '../heal/steps.ts'

export const check = defineHostCheck({
  id: 'datastore/prefix',
  title: 'etcd prefix of the running flanneld',
  backends: 'any',
  needs: ['flanneld', 'etcd'],
  needsExpected: false,
  findings: {
    differs: {
      severity: 'critical',
      effect: 'risk',
      confidence: 'certain',
      says: 'flanneld on {host} reads {observed}, the network judged here is under {expected}{slash}',
      fix: 'Start flanneld with -etcd-prefix={expected} (or judge the other network with --etcd-prefix {observed}), then restart Docker.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-etcd-prefix={expected}'] }, RESTART_DOCKER],
      explains: [
        { code: 'lease/own:missing', when: 'same-host' },
        { code: 'daemon/log:config-missing', when: 'same-host' },
        { code: 'lease/peer:*', when: 'same-host' },
        { code: 'subnet-env/network:differs-from-config', when: 'same-host' },
        { code: 'subnet-env/subnet:differs-from-lease', when: 'same-host' },
        { code: 'link/flannel:missing', when: 'same-host' },
        { code: 'link/address:wrong', when: 'same-host' },
        { code: 'route/stale-subnet:stale', when: 'same-host' },
        { code: 'netfilter/masquerade:stale-subnet', when: 'same-host' },
      ],
    },
  },
  *evaluate({ host, facts: { flanneld, etcd }, cluster: { snapshot } }) {
    const expected = etcd.prefix
    const options = flanneld.processes.map(flanneldOptions).filter(({ kubeSubnetMgr }) => !kubeSubnetMgr)
    const prefixes = options.map(({ etcdPrefix }) => etcdPrefix)
    if (prefixes.length === 0 || prefixes.some((one) => isSamePrefix(one, expected, etcd.api))) return
    if (options.some(({ networks }) => networks !== undefined)) {
      return yield { unsure: 'flanneld serves several networks, each under a prefix of its own' }
    }
    const observed = [...new Set(prefixes)].join(', ')
    if (!snapshot.datastore.config.known) {
      const reason = `no configuration could be read under ${expected}; flanneld on ${host} uses ${observed}`
      return yield { unsure: `${reason}: judge that one with --etcd-prefix` }
    }
    const isSlash = prefixes.some((one) => isSamePrefix(one, expected, 'v2'))
    const slash = isSlash ? ': in the v3 API the slash at the beginning is part of the key' : ''
    yield { code: 'differs', object: '-etcd-prefix', expected, observed, data: { slash } }
  },
})
