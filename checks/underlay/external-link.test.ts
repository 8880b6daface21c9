import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { HostFacts } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './external-link.ts'

type BackendName = 'vxlan' | 'host-gw' | 'udp'
const BACKENDS: readonly BackendName[] = ['vxlan', 'host-gw', 'udp']

function edited(backend: BackendName, edit: (facts: HostFacts) => Partial<HostFacts>) {
  return withHost(buildCluster({ hosts: 2, backend }), 'h1', edit)
}

const withoutEth0 = ({ links, addresses }: HostFacts): Partial<HostFacts> => ({
  links: links.filter(({ name }) => name !== 'eth0'),
  addresses: addresses.filter(({ link }) => link !== 'eth0'),
})

const renamed = ({ links, addresses }: HostFacts): Partial<HostFacts> => ({
  links: links.map((link) => (link.name === 'eth0' ? { ...link, name: 'ens3' } : link)),
  addresses: addresses.map((one) => (one.link === 'eth0' ? { ...one, link: 'ens3' } : one)),
})

function withEth0(change: { readonly flags?: readonly string[]; readonly operstate?: string }) {
  return ({ links }: HostFacts): Partial<HostFacts> => ({
    links: links.map((link) => (link.name === 'eth0' ? { ...link, ...change } : link)),
  })
}

const withMaster =
  (kind: string) =>
  ({ links }: HostFacts): Partial<HostFacts> => ({
    links: [
      ...links.map((link) => (link.name === 'eth0' ? { ...link, master: 'br0' } : link)),
      { index: 77, name: 'br0', kind, mtu: 1500, flags: ['UP'], operstate: 'UP' },
    ],
  })

const moved = (facts: HostFacts): Partial<HostFacts> => ({
  ...withMaster('bridge')(facts),
  addresses: facts.addresses.map((one) => (one.link === 'eth0' ? { ...one, link: 'br0' } : one)),
})

testCheck(test, check, {
  passes: [
    ...BACKENDS.map((backend) => ({ name: backend, cluster: () => buildCluster({ hosts: 2, backend }) })),
    {
      name: 'state unknown, as of a tunnel',
      cluster: () => edited('vxlan', withEth0({ operstate: 'UNKNOWN' })),
    },
    {
      name: 'the address moved to a bridge that flanneld is told as well',
      cluster: () =>
        edited('udp', (facts) => ({
          ...moved(facts),
          flanneld: {
            processes: facts.flanneld.processes.map((one) => ({
              ...one,
              argv: [...one.argv, '-iface=eth0', '-iface=br0'],
            })),
          },
        })),
    },
    { name: 'in a VRF', cluster: () => edited('udp', withMaster('vrf')) },
    ...recordedCases(['v0.6.2-vxlan', 'v0.10.0-host-gw']),
  ],
  fails: [
    ...BACKENDS.map((backend) => ({
      name: `set down, ${backend}`,
      cluster: () => edited(backend, withEth0({ flags: ['BROADCAST'], operstate: 'DOWN' })),
      findings: ['h1 down link eth0'],
    })),
    ...BACKENDS.map((backend) => ({
      name: `the address moved to a bridge, ${backend}`,
      cluster: () => edited(backend, moved),
      findings: ['h1 without-address link eth0'],
    })),
    {
      name: 'a port of a bridge, with the address',
      cluster: () => edited('udp', withMaster('bridge')),
      findings: ['h1 enslaved link eth0'],
    },
    {
      name: 'under a macvlan in mode passthru',
      cluster: () =>
        edited('vxlan', ({ links }) => ({
          links: [
            ...links,
            {
              index: 77,
              name: 'mv0',
              kind: 'macvlan',
              takes: 'eth0',
              mtu: 1500,
              flags: ['UP'],
              operstate: 'UP',
            },
          ],
        })),
      findings: ['h1 enslaved link eth0'],
    },
    {
      name: 'cable pulled',
      cluster: () => edited('vxlan', withEth0({ operstate: 'DOWN' })),
      findings: ['h1 down link eth0'],
    },
    {
      name: 'no such link',
      cluster: () => edited('vxlan', withoutEth0),
      findings: ['h1 missing external link'],
    },
    { name: 'renamed', cluster: () => edited('vxlan', renamed), findings: ['h1 missing external link'] },
  ],
})
