import test from 'ava'
import { LabError } from '../lab-error.ts'
import { type LabOptions, planLab } from './plan.ts'

test('names of one lab share its token and fit a link name', (t) => {
  const plan = planLab({ hosts: 12, containersPerHost: 2 })
  t.regex(plan.token, /^[a-z0-9]{4}$/)
  t.is(plan.hosts[11]?.namespace, `fd-${plan.token}-h12`)
  t.is(plan.hosts[11]?.containers[1]?.namespace, `fd-${plan.token}-h12c2`)
  t.true(plan.hosts.every((host) => host.port.length <= 15))
  t.is(new Set(plan.hosts.map((host) => host.address)).size, 12)
})

test('two underlays take the hosts in turn', (t) => {
  const addresses = planLab({ hosts: 3, underlays: 2 }).hosts.map((host) => [host.address, host.gateway])
  t.deepEqual(addresses, [
    ['192.0.2.11', '192.0.2.1'],
    ['198.51.100.12', '198.51.100.1'],
    ['192.0.2.13', '192.0.2.1'],
  ])
})

test('behind NAT a host has a public IP that is not its address', (t) => {
  const [h1] = planLab({ nat: true }).hosts
  t.deepEqual([h1?.address, h1?.publicIp], ['192.0.2.11', '203.0.113.11'])
})

test('a cluster has the pod network of flannel’s manifest, and its nodes folders of their own', (t) => {
  const { config, hosts, linkOptions } = planLab({ kubernetes: true, name: 'k' })
  t.deepEqual(JSON.parse(config), { Network: '10.244.0.0/16', Backend: { Type: 'vxlan' } })
  t.is(hosts[1]?.root, `${hosts[1]?.directory}/root`)
  t.deepEqual(linkOptions, [])
  t.is(planLab({}).hosts[0]?.root, undefined)
})

test('a cluster of kubelets is one of those, and runs flannel as its manifest says', (t) => {
  const { kubernetes, cluster } = planLab({ kubernetes: 'cluster' })
  t.deepEqual([kubernetes, cluster], [true, true])
  t.false(planLab({ kubernetes: true }).cluster)
  for (const own of [{ linkOptions: [] }, { flanneldOptions: ['-v=5'] }, { ipMasq: false }])
    t.throws(() => planLab({ kubernetes: 'cluster', ...own }), {
      message: /options of flannel's own manifest/,
    })
})

test('a host named in `without` has no container, and no bridge where it says so', (t) => {
  const { hosts } = planLab({ without: { h2: 'containers', h3: 'bridge' } })
  t.deepEqual(
    hosts.map(({ containers, hasBridge }) => [containers.length, hasBridge]),
    [
      [1, true],
      [0, true],
      [0, false],
    ],
  )
})

test('names of fields in the configuration are found in any case', (t) => {
  t.is(planLab({ config: '{"network":"10.1.0.0/16","BACKEND":{"type":"UDP"}}' }).backend, 'udp')
})

test('the configuration names the backend, or gets the one asked for', (t) => {
  t.is(
    planLab({ backend: 'udp', config: '{"Network":"10.1.0.0/16","Backend":{"Type":"Host-GW"}}' }).backend,
    'host-gw',
  )
  const plan = planLab({ backend: 'udp', config: '{"Network":"10.1.0.0/16"}' })
  t.is(plan.backend, 'udp')
  t.deepEqual(JSON.parse(plan.config), { Network: '10.1.0.0/16', Backend: { Type: 'udp' } })
})

const WRONG: readonly (readonly [LabOptions, RegExp])[] = [
  [{ hosts: 0 }, /hosts: 0 is not a whole number from 1 to 200/],
  [{ hosts: 1.5 }, /hosts: 1\.5/],
  [{ kubernetes: true, docker: 'real' }, /leave --docker real out/],
  [{ kubernetes: true, lab: 'docker' }, /leave --lab docker out/],
  [{ kubernetes: true, etcdApi: 'v2' }, /leave --etcd-api v2 out/],
  [{ kubernetes: true, backend: 'udp' }, /runs vxlan and host-gw/],
  [{ kubernetes: true, tls: true }, /tls is for labs whose leases are in etcd/],
  [{ kubernetes: true, fakePeers: 2 }, /fakePeers is for labs whose leases are in etcd/],
  [{ containersPerHost: -1 }, /containers per host/],
  [{ name: '../x' }, /not a lab name/],
  [{ config: '{' }, /not JSON/],
  [{ config: '[]' }, /not an object/],
  [{ config: '{}' }, /no Network/],
  [{ config: '{"Network":"10.0.0.0/8","Backend":{"Type":"ipip"}}' }, /cannot run backend "ipip"/],
  [{ prefix: 'x y' }, /not an etcd prefix/],
  [{ backend: 'host-gw', underlays: 2 }, /one underlay/],
  [{ fakePeers: -1 }, /fake peers: -1/],
]
for (const [options, message] of WRONG) {
  test(`refused: ${JSON.stringify(options)}`, (t) => {
    t.throws(() => planLab(options), { instanceOf: LabError, message })
  })
}
