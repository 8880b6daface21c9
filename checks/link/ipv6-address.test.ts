import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { ipv6Cluster } from '../../fixtures/build-ipv6.ts'
import { judgedBy } from '../check-table.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { testCheck } from '../tester.ts'
import { check } from './ipv6-address.ts'

const vxlan = ipv6Cluster('vxlan')

/** h1 whose address is in use elsewhere. */
function refused(address: string, cluster: ClusterSnapshot = vxlan): ClusterSnapshot {
  return withHost(cluster, 'h1', ({ addresses }) => ({
    addresses: [
      ...addresses.filter((one) => one.address !== address),
      { link: 'eth0', family: 'inet6', scope: 'global', length: 64, address, isDuplicate: true },
    ],
  }))
}

testCheck(test, check, {
  passes: [
    { name: 'vxlan', cluster: () => vxlan },
    { name: 'host-gw', cluster: () => ipv6Cluster('host-gw') },
    { name: 'an address that flannel does not need', cluster: () => refused('2001:db8:7::1') },
  ],
  fails: [
    {
      name: 'duplicate: the public address',
      cluster: () => refused('2001:db8::1'),
      findings: ['h1 duplicate address 2001:db8::1'],
    },
    {
      name: 'that of the bridge',
      cluster: () => refused('fd00:5:0:1::1'),
      findings: ['h1 duplicate address fd00:5:0:1::1'],
    },
    {
      name: 'that of a container',
      cluster: () =>
        withHost(vxlan, 'h1', ({ containers }) => ({
          containers: containers.map((one) => ({
            ...one,
            addresses: [
              {
                link: 'eth0',
                family: 'inet6',
                scope: 'global',
                length: 64,
                address: 'fd00:5:0:1::2',
                isDuplicate: true,
              },
            ],
          })),
        })),
      findings: ['h1 duplicate address fd00:5:0:1::2'],
    },
  ],
})

test('a host that has it is named', (t) => {
  const taken = withHost(refused('2001:db8::1'), 'h3', ({ addresses }) => ({
    addresses: [
      ...addresses,
      { link: 'eth0', family: 'inet6', scope: 'global', length: 64, address: '2001:db8:0::1' },
    ],
  }))
  const [found] = judgedBy(check, taken).flatMap(({ findings }) => findings)
  t.regex(found?.message ?? '', /h3 on that link had it first/)
})
