import test from 'ava'
import { buildCluster, withHost } from '../../fixtures/build.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { endpointsOfOthers } from './endpoints-of-others.ts'

/** Three hosts whose flanneld are told these. */
function told(...endpoints: readonly string[]): ClusterSnapshot {
  return endpoints.reduce(
    (cluster, urls, at) =>
      withHost(cluster, `h${at + 1}`, ({ flanneld }) => ({
        flanneld: {
          processes: flanneld.processes.map((one) => ({
            ...one,
            argv: ['/usr/bin/flanneld', `-etcd-endpoints=${urls}`],
          })),
        },
      })),
    buildCluster({ hosts: 3, backend: 'udp' }),
  )
}
const COMMON = 'http://192.0.2.1:2379'
const endpointsFor = (...endpoints: readonly string[]): string | undefined =>
  endpointsOfOthers(told(...endpoints), 'h1').data?.endpoints

test('the endpoints that all others are told', (t) => {
  t.is(endpointsFor('http://etcd.invalid:2379', COMMON, COMMON), COMMON)
})

for (const [name, endpoints] of [
  ['the same', [COMMON, COMMON, COMMON]],
  ['others that differ', ['http://a:2379', COMMON, 'http://192.0.2.2:2379']],
  ['a member on each host', ['http://a:2379', 'http://127.0.0.1:2379', 'http://127.0.0.1:2379']],
  ['TLS', ['http://a:2379', 'https://192.0.2.1:2379', 'https://192.0.2.1:2379']],
] as const)
  test(`${name}: nothing to take over`, (t) => {
    t.is(endpointsFor(...endpoints), undefined)
  })
