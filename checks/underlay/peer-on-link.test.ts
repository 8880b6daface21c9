import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import { parsePrefix } from '../model/address.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './peer-on-link.ts'

const routed = () => buildCluster({ hosts: 3, backend: 'host-gw', underlays: 2 })

testCheck(test, check, {
  passes: [
    { name: 'host-gw', cluster: () => buildCluster({ hosts: 3, backend: 'host-gw' }) },
    { name: 'a single host', cluster: () => buildCluster({ hosts: 1, backend: 'host-gw' }) },
    {
      name: 'a second underlay subnet on the same link, by a route without gateway',
      cluster: () =>
        ['h1', 'h2', 'h3'].reduce(
          (cluster, host) =>
            withHost(cluster, host, ({ routes }) => ({
              routes: [
                ...routes,
                {
                  destination: parsePrefix('172.20.0.0/15') ?? { address: 0, length: 0 },
                  type: 'unicast',
                  table: 'main',
                  link: 'eth0',
                  scope: 'link',
                  metric: 0,
                  flags: [],
                },
              ],
            })),
          routed(),
        ),
    },
    ...recordedCases(['v0.6.2-host-gw', 'v0.7.0-host-gw', 'v0.10.0-host-gw']),
  ],
  fails: [
    {
      name: 'a router between h2 and the others',
      cluster: routed,
      findings: [
        'h1 not-on-link public IP 172.21.0.2',
        'h2 not-on-link public IP 172.20.0.1',
        'h2 not-on-link public IP 172.20.0.3',
        'h3 not-on-link public IP 172.21.0.2',
      ],
    },
  ],
})
