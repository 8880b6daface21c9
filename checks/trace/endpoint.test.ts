import test from 'ava'
import { withHost, withoutFact } from '../../fixtures/build.ts'
import { withContainer, withSecondContainer } from '../../fixtures/containers-for-tests.ts'
import { OWN_SUBNET, withDocker } from '../../fixtures/docker-for-tests.ts'
import { VXLAN } from '../../fixtures/walk-edits-for-tests.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { besideFlannel, isEndpoint, resolveEndpoint } from './endpoint.ts'

function said(cluster: ClusterSnapshot, words: string): string {
  const found = resolveEndpoint(cluster, words)
  if (!isEndpoint(found)) return found.problem
  return `${found.host}${found.container === undefined ? '' : `/${found.container}`} ${found.address}`
}

const bare = withContainer(VXLAN, (one) => [{ ...one, addresses: [] }])
const gone = withContainer(VXLAN, (one) => [{ ...one, problem: 'no such namespace' }])
const outside = withHost(VXLAN, 'h1', ({ addresses }) => ({
  addresses: addresses.filter(({ link }) => link === 'eth0' || link === 'lo'),
}))
const unread = withoutFact(VXLAN, 'h1', { name: 'containers', detail: 'nsenter is not permitted' })
const twice = withSecondContainer(VXLAN, {})

const sameName = ['h1', 'h2'].reduce(
  (cluster, host) =>
    withHost(cluster, host, ({ containers }) => ({
      containers: containers.map((one) => ({ ...one, name: 'web' })),
    })),
  VXLAN,
)

const CASES: readonly (readonly [string, string, ClusterSnapshot?])[] = [
  ['h1', 'h1 10.2.1.1'],
  ['h1/h1c1', 'h1/h1c1 10.2.1.2'],
  ['h2c1', 'h2/h2c1 10.2.2.2'],
  ['web', 'web is on several hosts: name one of h1/web, h2/web', sameName],
  ['10.2.2.2', 'h2/h2c1 10.2.2.2'],
  ['10.2.2.1', 'h2 10.2.2.1'],
  ['172.20.0.2', 'h2 172.20.0.2'],
  ['h9', 'there is no host h9; there are h1, h2, h3'],
  ['h9/c1', 'there is no host h9; there are h1, h2, h3'],
  ['h1/web', 'h1 has no container web; it has h1c1'],
  ['h1/', 'h1 has no container ; it has h1c1'],
  ['10.2.2.77', 'no host and no container of the snapshot has 10.2.2.77'],
  [
    '192.0.2.1',
    '192.0.2.1 is outside the flannel network 10.2.0.0/16, and no address of a host that was looked at',
  ],
  ['10.2.1.2.3', 'there is no host 10.2.1.2.3; there are h1, h2, h3'],
  ['h1/h1c1', 'container h1c1 on h1 has no IPv4 address', bare],
  ['h1/h1c1', 'container h1c1 on h1 could not be read: no such namespace', gone],
  ['h1/h1c1', 'the containers of h1 are not known: nsenter is not permitted', unread],
  ['h1', 'h1 has no address in the flannel network', outside],
  ['10.2.1.2', '10.2.1.2 is on h1/h1c1 and h1/h1c2: name one of them', twice],
]

for (const [words, is, cluster = VXLAN] of CASES) {
  test(`${words}: ${is}`, (t) => {
    t.is(said(cluster, words), is)
  })
}

test('a container on another Docker network is none that flannel carries packets to', (t) => {
  const backend = {
    name: 'backend',
    id: 'b1',
    bridge: 'br-b1',
    subnets: [{ address: 0xac120000, length: 16 }],
  }
  const cluster = withDocker(VXLAN, {
    networks: [{ name: 'bridge', id: 'b0', bridge: 'docker0', subnets: [OWN_SUBNET] }, backend],
  })
  t.is(
    besideFlannel(cluster, { host: 'h1', container: 'web', address: '172.18.0.2' }),
    "h1/web has 172.18.0.2, which is on Docker's network backend of h1: flannel carries only 10.2.0.0/16 between hosts",
  )
  t.is(besideFlannel(cluster, { host: 'h1', container: 'h1c1', address: '10.2.1.2' }), undefined)
  t.is(besideFlannel(cluster, { host: 'h1', container: 'h1c1', address: '172.17.0.2' }), undefined)
})
