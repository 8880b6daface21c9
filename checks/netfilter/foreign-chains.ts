// kube-proxy, kubelet and CNI plugins leave their chains behind when they are stopped (`kube-proxy --cleanup` and a
// reboot remove them). flannel's packets pass through them like everybody's. What they drop of it is judged with
// the FORWARD chains; this check says whose rules they are.
import { defineHostCheck } from '../define.ts'

const KUBERNETES = 'Kubernetes (kube-proxy or kubelet)'
const OWNERS: readonly (readonly [beginning: RegExp, owner: string])[] = [
  [/^KUBE-ROUTER-|^KUBE-POD-FW-|^KUBE-NWPLCY-/, 'kube-router'],
  [/^KUBE-/, KUBERNETES],
  [/^cali-/, 'Calico'],
  [/^WEAVE/i, 'Weave'],
  [/^CILIUM_/, 'Cilium'],
]

export const check = defineHostCheck({
  id: 'netfilter/foreign-chains',
  title: 'Chains of other network programs',
  backends: 'any',
  needs: ['iptables'],
  needsExpected: false,
  findings: {
    present: {
      severity: 'info',
      confidence: 'certain',
      says: 'iptables on {host} has chains of {owner}: {observed}',
      fix: 'Nothing if that program runs here on purpose. Otherwise remove them (`kube-proxy --cleanup`, or reboot): they can drop or divert container traffic.',
    },
  },
  *evaluate({ host, facts: { iptables }, cluster: { snapshot } }) {
    const legacy = snapshot.hosts.get(host)?.facts.iptablesLegacy
    const chains = [...iptables.chains, ...(legacy?.known ? legacy.value.chains : [])]
    const owned = chains.flatMap(({ name }) => {
      const owner = OWNERS.find(([beginning]) => beginning.test(name))?.[1]
      // Where flannel serves Kubernetes, its rules belong here.
      const isAtHome = owner === KUBERNETES && snapshot.datastore.kubernetes.known
      return owner === undefined || isAtHome ? [] : [{ owner, name }]
    })
    for (const [owner, same] of Map.groupBy(owned, (one) => one.owner)) {
      const names = [...new Set(same.map(({ name }) => name))]
      const observed = `${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`
      yield { code: 'present', object: `chains of ${owner}`, observed, data: { owner } }
    }
  },
})
