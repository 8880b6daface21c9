/** Recorded clusters: a healthy one is conformant, a broken one fails on the clauses that say so. No root is needed. */
import test from 'ava'
import { breaksOnly, brokenIn, certified } from './recorded-claims-for-tests.ts'

/** Clusters: their nodes are the leases, and cni0 is the container bridge. */
const CLUSTERS = [
  'fault-states/kubernetes-vxlan/healthy',
  'fault-states/kubernetes-host-gw/healthy',
  'states/k8s-v0.28.9-host-gw-all-facts',
]

for (const state of CLUSTERS) {
  test(`${state} is conformant, also strictly`, async (t) => {
    const { certificate, conformance } = await certified(state, true)
    t.deepEqual(brokenIn(conformance), [])
    t.is(certificate?.verdict, 'conformant')
    const profiles = conformance.map(({ profile }) => profile)
    const { backend = '', kubernetes } = certificate?.environment ?? {}
    t.is(kubernetes, 'v1.34.4')
    t.deepEqual(profiles, ['core', backend, 'cni-bridge', 'kubernetes', 'ip-masq'])
  })
}

/** The clauses that a fault breaks, all of them but those of what comes along. */
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  'all-routes-deleted': ['FL-VXLAN-17'],
  'cni-addresses-used-up': ['FL-CNI-07'],
  'cni-bridge-of-former-pod-cidr': [
    ...['FL-ROUTE-09', 'FL-BRIDGE-02', 'FL-BRIDGE-04', 'FL-CNI-08', 'FL-CNI-09', 'FL-MASQ-06'],
  ],
  'cni-config-other-first': ['FL-CNI-04'],
  'cni-plugin-missing': ['FL-CNI-05'],
  'fdb-entry-deleted': ['FL-VXLAN-20'],
  'forward-drop-chain': ['FL-FWD-03'],
  'kube-account-refused': [],
  'kube-proxy-rules-stale': [],
  'node-annotation-missing': ['FL-LEASE-09', 'FL-KUBE-05', 'FL-KUBE-19'],
  'node-backend-mixed': ['FL-LEASE-09', 'FL-KUBE-19'],
  'node-deleted': ['FL-KUBE-10'],
  'node-overwrite-not-taken': ['FL-KUBE-08'],
  'node-public-ip-of-peer': ['FL-LEASE-03', 'FL-LEASE-10', 'FL-KUBE-17'],
  'node-public-ip-stale': ['FL-LEASE-10', 'FL-KUBE-17'],
  'node-registered-again': ['FL-KUBE-07'],
  'node-vtep-mac-changed': ['FL-VXLAN-12', 'FL-KUBE-18'],
  'pod-port-without-hairpin': ['FL-CNI-06'],
  'service-rules-missing': [],
  'subnet-env-missing': ['FL-ENV-01', 'FL-KUBE-21'],
}

/** No MUST is broken. */
const CONFORMANT: ReadonlySet<string> = new Set([
  'kube-account-refused',
  'kube-proxy-rules-stale',
  'pod-port-without-hairpin',
  'service-rules-missing',
])

for (const [fault, clauses] of Object.entries(BROKEN)) {
  test(`kubernetes-vxlan: ${fault} breaks ${clauses.join(' and ') || 'what its losses break'}`, async (t) => {
    const report = await certified(`fault-states/kubernetes-vxlan/${fault}`)
    breaksOnly(t, report, { fault: `kubernetes-vxlan/${fault}`, clauses })
    t.is(report.certificate?.verdict, CONFORMANT.has(fault) ? 'conformant' : 'not-conformant')
  })
}
