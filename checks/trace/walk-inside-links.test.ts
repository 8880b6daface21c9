/** Packets that IPsec policies, queues and links of a container itself keep. */
import test from 'ava'
import { withContainer, withNetwork } from '../../fixtures/containers-for-tests.ts'
import { both, type Edit, VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import type { ContainerNetwork } from '../model/container-bridge.ts'
import { testCases } from './walk/cases-for-tests.ts'

const inside =
  (host: string, edit: (network: ContainerNetwork) => Partial<ContainerNetwork>): Edit =>
  (cluster) =>
    withNetwork(cluster, host, edit)

const queue =
  (qdisc: string): Edit =>
  (cluster) =>
    withContainer(cluster, (one) => [{ ...one, links: one.links.map((link) => ({ ...link, qdisc })) }])

testCases(test, VXLAN, [
  {
    name: 'an IPsec policy of its own',
    edit: inside('h1', () => ({
      xfrm: {
        policies: [
          {
            direction: 'out',
            source: '0.0.0.0/0',
            destination: '10.2.0.0/16',
            selectors: [],
            priority: 0,
            isBlock: true,
            isRequired: false,
            text: 'src 0.0.0.0/0 dst 10.2.0.0/16 dir out action block',
          },
        ],
        associations: 1,
      },
    })),
    ends: 'ipsec at source of h1',
  },
  {
    name: 'a queue of its link that drops everything',
    edit: both(
      inside('h1', () => ({})),
      queue('blackhole'),
    ),
    ends: 'queue at source of h1',
  },
  {
    name: 'a queue of its link that is not known',
    edit: both(
      inside('h1', () => ({})),
      queue('tbf'),
    ),
    ends: 'not-enough-facts at source of h1',
  },
  {
    name: 'ARP switched off on its link',
    edit: both(
      inside('h1', () => ({})),
      (cluster) =>
        withContainer(cluster, (one) => [
          { ...one, links: one.links.map((link) => ({ ...link, flags: ['UP', 'NOARP'] })) },
        ]),
    ),
    ends: 'no-neighbour at bridge of h1',
  },
])
