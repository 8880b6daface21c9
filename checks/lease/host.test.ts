import test from 'ava'
import { buildCluster, withHost, withLeases, withoutFact } from '../../fixtures/build.ts'
import { recordedCluster } from '../../runners/run/saved/saved-cluster.ts'
import { evaluate } from '../evaluate.ts'
import { type Prefix, parsePrefix } from '../model/address.ts'
import type { Lease } from '../model/lease.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './host.ts'

/** Three hosts and so many leases of hosts that nobody knows. */
function withStrangers(count: number): ClusterSnapshot {
  return withLeases(buildCluster({ hosts: 3, backend: 'vxlan' }), (leases) => [
    ...leases,
    ...Array.from({ length: count }, (_, at) => ({
      key: `/coreos.com/network/subnets/10.2.${100 + at}.0-24`,
      subnet: parsePrefix(`10.2.${100 + at}.0/24`) ?? { address: 0, length: 0 },
      publicIp: parsePrefix(`172.20.1.${at}`)?.address ?? 0,
      backendType: 'vxlan',
      revision: 50 + at,
    })),
  ])
}

testCheck(test, check, {
  passes: [
    ...(['vxlan', 'host-gw', 'udp'] as const).map((backend) => ({
      name: backend,
      cluster: () => buildCluster({ hosts: 3, backend }),
    })),
    {
      name: 'unknown hosts, but the inventory does not claim to be complete',
      cluster: () => ({ ...withStrangers(1), complete: false }),
    },
    { name: 'recorded v0.10.0', cluster: () => recordedCluster('v0.10.0-vxlan') },
  ],
  fails: [
    {
      name: 'the lease of a host that is gone',
      cluster: () => withStrangers(1),
      findings: ['- orphan leases'],
    },
    {
      name: 'off-link: host-gw has no way to it',
      cluster: () =>
        withLeases(buildCluster({ hosts: 3, backend: 'host-gw' }), (leases) => [
          ...leases,
          { ...(leases[0] as Lease), subnet: parsePrefix('10.2.8.0/24') as Prefix, publicIp: 0xc0a8016d },
        ]),
      findings: ['192.168.1.109 off-link lease 10.2.8.0/24'],
    },
    {
      name: 'a former lease of a host that has another public IP now',
      cluster: () => {
        const cluster = buildCluster({ hosts: 3, backend: 'vxlan' })
        const publicIp = 0x0a4d0001 // 10.77.0.1
        const led = withHost(cluster, 'h1', ({ addresses, flanneld }) => ({
          flanneld: {
            processes: flanneld.processes.map((one) => ({ ...one, argv: [one.argv[0] ?? '', '-iface=br9'] })),
          },
          addresses: [
            ...addresses,
            ...addresses.flatMap((one) =>
              one.link === 'eth0'
                ? [{ ...one, link: 'br9', address: '10.77.0.1', prefix: { address: publicIp, length: 24 } }]
                : [],
            ),
          ],
        }))
        return withLeases(led, (leases) => {
          const [first, ...rest] = leases
          if (first === undefined) return leases
          const former = { ...first, key: `${first.key}x`, subnet: parsePrefix('10.2.8.0/24') as Prefix }
          return [{ ...first, publicIp }, former, ...rest]
        })
      },
      findings: ['172.20.0.1 former lease 10.2.8.0/24'],
    },
    { name: 'many of them are one finding', cluster: () => withStrangers(50), findings: ['- orphan leases'] },
  ],
})

test('a host that could not be read may own the lease', (t) => {
  const blind = withoutFact(withStrangers(1), 'h3', { name: 'links' })
  const [result] = evaluate(blind, [check], blind.window.to)
  t.is(result?.outcome, 'inconclusive')
})

test('an unknown host is for information only', (t) => {
  const cluster = withStrangers(250 - 100)
  const [result] = evaluate(cluster, [check], cluster.window.to)
  t.deepEqual(
    result?.findings.map(({ severity }) => severity),
    ['info'],
  )
})
