/** Recorded networks: a healthy one is conformant, a broken one fails on the clause that says so. No root is needed. */
import test from 'ava'
import { breaksOnly, brokenIn, certified } from './recorded-claims-for-tests.ts'

const HEALTHY = [
  'fault-states/vxlan/healthy',
  'fault-states/host-gw/healthy',
  'fault-states/udp/healthy',
  'states/v0.28.9-vxlan',
  'states/v0.28.9-vxlan-docker',
  'states/v0.28.9-host-gw',
  'states/v0.28.9-udp',
]

for (const state of HEALTHY) {
  test(`${state} is conformant, also strictly`, async (t) => {
    const { certificate, conformance } = await certified(state, true)
    t.deepEqual(brokenIn(conformance), [])
    t.is(certificate?.verdict, 'conformant')
    const profiles = conformance.map(({ profile }) => profile)
    t.deepEqual(profiles, ['core', certificate?.environment.backend ?? '', 'docker-bridge', 'ip-masq'])
  })
}

/** The clauses that a fault on vxlan breaks, all of them. */
const ON_VXLAN: Readonly<Record<string, readonly string[]>> = {
  'all-routes-deleted': ['FL-VXLAN-17'],
  'bridge-address-removed': ['FL-BRIDGE-02'],
  'bridge-deleted': ['FL-BRIDGE-01'],
  'bridge-mtu-too-large': ['FL-BRIDGE-03', 'FL-BRIDGE-05'],
  'config-backend-unknown': ['FL-CONF-05'],
  'config-broken-json': ['FL-CONF-01'],
  'config-in-other-api': ['FL-STORE-02'],
  'config-range-unaligned': ['FL-CONF-03'],
  'config-removed': ['FL-STORE-03'],
  'container-address-of-old-subnet': ['FL-BRIDGE-04'],
  'container-gateway-missing': ['FL-BRIDGE-06'],
  'container-port-down': ['FL-BRIDGE-07'],
  'fdb-destination-changed': ['FL-VXLAN-21'],
  'fdb-entry-deleted': ['FL-VXLAN-20'],
  'flannel-address-changed': ['FL-VXLAN-15'],
  'flannel-link-mtu-changed': ['FL-VXLAN-11'],
  'flanneld-killed': ['FL-DAEMON-01'],
  'flanneld-other-prefix': ['FL-STORE-04'],
  'forward-drop-nft': ['FL-FWD-03'],
  'forward-rules-flushed': ['FL-FWD-02'],
  'input-policy-drop': ['FL-VXLAN-24'],
  'ip-forward-off': ['FL-ROUTE-01'],
  'lease-backend-mixed': ['FL-LEASE-09'],
  'lease-expiring-soon': ['FL-LEASE-11'],
  'lease-vtep-mac-changed': ['FL-VXLAN-12'],
  'masquerade-flushed': ['FL-MASQ-04'],
  'masquerade-hides-source': ['FL-MASQ-06'],
  'masquerade-of-old-subnet': ['FL-MASQ-05'],
  'neighbour-deleted': ['FL-VXLAN-18'],
  'neighbour-not-permanent': ['FL-VXLAN-19'],
  'own-route-deleted': ['FL-ROUTE-03'],
  'policy-rule': ['FL-ROUTE-05'],
  'raw-prerouting-drop': ['FL-FWD-04'],
  'route-blackholed': ['FL-ROUTE-04'],
  'subnet-env-ip-masq-differs': ['FL-ENV-08'],
  'subnet-env-missing': ['FL-ENV-01'],
  'subnet-env-mtu-wrong': ['FL-ENV-04'],
  'subnet-env-of-another-lease': ['FL-ENV-03'],
  'underlay-down': ['FL-STORE-06', 'FL-DAEMON-03'],
  'vtep-gbp-on': ['FL-VXLAN-07'],
  'vtep-local-other': ['FL-VXLAN-05'],
  'vtep-port-changed': ['FL-VXLAN-03', 'FL-VXLAN-09'],
  'vtep-vni-changed': ['FL-VXLAN-02'],
}

for (const [fault, clauses] of Object.entries(ON_VXLAN)) {
  test(`vxlan: ${fault} breaks ${clauses.join(' and ')}`, async (t) => {
    const report = await certified(`fault-states/vxlan/${fault}`)
    breaksOnly(t, report, { fault: `vxlan/${fault}`, clauses })
    t.is(report.certificate?.verdict, 'not-conformant')
  })
}

const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'host-gw/route-deleted': ['FL-HOSTGW-01'],
  'host-gw/route-wrong-gateway': ['FL-HOSTGW-02', 'FL-MASQ-06'],
  'host-gw/peer-behind-router': ['FL-HOSTGW-01', 'FL-HOSTGW-04'],
  'host-gw/subnet-env-missing': ['FL-ENV-01'],
  'udp/network-route-deleted': ['FL-UDP-04'],
  'udp/flannel-link-mtu-changed': ['FL-UDP-05', 'FL-UDP-07'],
  'udp/input-policy-drop': ['FL-UDP-08'],
  'udp/flanneld-killed': ['FL-DAEMON-01', 'FL-UDP-01', 'FL-UDP-04', 'FL-UDP-06'],
}

for (const [fault, clauses] of Object.entries(ELSEWHERE)) {
  test(`${fault} breaks ${clauses.join(' and ')}`, async (t) => {
    const report = await certified(`fault-states/${fault}`)
    breaksOnly(t, report, { fault, clauses })
    t.is(report.certificate?.verdict, 'not-conformant')
  })
}

test('what no MUST forbids breaks the claim only strictly, and a MAY never', async (t) => {
  const stale = 'fault-states/vxlan/stale-route'
  t.is((await certified(stale)).certificate?.verdict, 'conformant')
  const strict = await certified(stale, true)
  t.is(strict.certificate?.verdict, 'not-conformant')
  t.deepEqual(brokenIn(strict.conformance), ['FL-ROUTE-08'])
  const orphan = await certified('fault-states/vxlan/lease-orphan', true)
  t.deepEqual(brokenIn(orphan.conformance), ['FL-LEASE-13'])
  t.is(orphan.certificate?.verdict, 'conformant')
})

test('what could not be read leaves the claim undecided', async (t) => {
  const { certificate, conformance } = await certified('fault-states/vxlan/etcd-filtered')
  t.is(certificate?.verdict, 'undecided')
  t.deepEqual(brokenIn(conformance), [])
})
