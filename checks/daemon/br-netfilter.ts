// Since v0.26.0 flanneld ends at its start with "Failed to check br_netfilter" when the kernel module is not
// loaded (`main.go`: it looks for /proc/sys/net/bridge/bridge-nf-call-iptables), unless EnableNFTables is set.
// A module that was unloaded later shows at the next restart.
import { defineHostCheck } from '../define.ts'
import { flanneldFor } from '../expected/flanneld-options.ts'
import { isSince } from '../expected/generation.ts'
import { leasePrefix } from '../expected/observed-host.ts'
import { LOAD_BR_NETFILTER } from '../heal/steps.ts'

const SETTING = 'net.bridge.bridge-nf-call-iptables'

export const check = defineHostCheck({
  id: 'daemon/br-netfilter',
  title: 'Kernel module br_netfilter',
  backends: 'any',
  needs: ['config', 'flanneld', 'sysctls'],
  needsExpected: false,
  findings: {
    missing: {
      severity: 'warning',
      confidence: 'certain',
      says: '{host} has no {object}: flanneld {version} runs, but will end with "Failed to check br_netfilter" when it is restarted',
      fix: 'Run `modprobe br_netfilter` and name the module in /etc/modules-load.d/flannel.conf.',
      heal: LOAD_BR_NETFILTER,
    },
  },
  *evaluate({ facts: { config, flanneld, sysctls }, cluster: { snapshot } }) {
    // Settings that were not read at all say nothing about this one.
    if (sysctls.has(SETTING) || sysctls.get('net.ipv4.ip_forward') === undefined || config.enableNftables)
      return
    const process = flanneldFor(flanneld, leasePrefix(snapshot))
    if (process === undefined) {
      const { etcd } = snapshot.datastore
      if (etcd.known && etcd.value.api === 'v3')
        yield { unsure: `flanneld does not run and ${SETTING} is missing: v0.26.0 and later cannot start` }
      return
    }
    const { version } = process
    if (isSince(version, 'v0.26.0') !== true) return
    yield { code: 'missing', object: SETTING, observed: 'not present', data: { version: version ?? '' } }
  },
})
