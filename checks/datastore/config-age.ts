// flanneld reads the configuration once, at its start, and never watches it (`pkg/subnet/etcd/local_manager.go`,
// `GetNetworkConfig`, called from `main.go`). After an edit of VNI or Port every host goes on with the old value
// and the network works, until the first flanneld restarts with the new one and no longer finds the others.
import type { Explains } from '../check.ts'
import { defineClusterCheck } from '../define.ts'
import { configEdit } from '../heal/config-edit.ts'
import type { Link, VxlanAttributes } from '../model/link.ts'
import type { NetworkConfig } from '../model/network-config.ts'

const OLD_STATE: readonly Explains[] = [
  'link/*',
  'tunnel/*',
  'lease/peer:*',
  'route/peer-subnet:*',
  'route/network:*',
  'route/stale-subnet:*',
  'route/shadowed:*',
  'neighbour/*',
  'fdb/*',
  'netfilter/overlay-port:*',
].map((code): Explains => ({ code, when: 'anywhere' }))

/** The host's VTEP under whatever VNI: flannel names its link after the VNI. */
function vtep(links: readonly Link[]): VxlanAttributes | undefined {
  const own = links.filter(({ name, vxlan }) => vxlan !== undefined && name === `flannel.${vxlan.vni}`)
  return own.length === 1 ? own[0]?.vxlan : undefined
}

interface Setting {
  readonly name: 'VNI' | 'Port'
  readonly configured: number
  readonly running: readonly number[]
}

function settings(config: NetworkConfig, vteps: readonly VxlanAttributes[]): readonly Setting[] {
  return [
    { name: 'VNI', configured: config.vni, running: vteps.map(({ vni }) => vni) },
    { name: 'Port', configured: config.port, running: vteps.map(({ port }) => port) },
  ]
}

export const check = defineClusterCheck({
  id: 'datastore/config-age',
  title: 'Configuration since the hosts started',
  backends: ['vxlan'],
  needs: ['config', 'links'],
  findings: {
    'changed-since-start': {
      severity: 'warning',
      hostsKeepFormer: true,
      confidence: 'likely',
      says: '{object} is {expected} in the configuration, but {observed} on all {count} hosts: it was changed and no flanneld was restarted; the first one that restarts leaves the network',
      fix: 'Restart flanneld on every host in one go, then Docker where FLANNEL_SUBNET changed; or put the old value back.',
      explains: OLD_STATE,
    },
  },
  *evaluate({ facts: { config }, hosts, cluster: { snapshot } }) {
    const vteps = [...hosts.values()].flatMap(({ facts }) => vtep(facts.links) ?? [])
    // One host alone may be the one that was left behind.
    if (vteps.length < 2) return
    for (const { name, configured, running } of settings(config, vteps)) {
      const [value] = running
      if (value === configured || running.some((one) => one !== value)) continue
      const { heal, data: edit } = configEdit(
        snapshot,
        { backend: { [name]: value } },
        'the configuration says again what all hosts run',
      )
      const data = { ...edit, count: vteps.length }
      yield {
        code: 'changed-since-start',
        heal,
        object: name,
        expected: `${configured}`,
        observed: `${value}`,
        data,
      }
    }
  },
})
