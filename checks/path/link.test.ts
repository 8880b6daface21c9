import test from 'ava'
import { withHost } from '../../fixtures/build.ts'
import { down, link, sysctl, UDP, VXLAN, vtep } from '../../fixtures/walk-edits-for-tests.ts'
import type { Route } from '../model/route.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { recordedCases, testCheck } from '../tester.ts'
import { check } from './link.ts'

const blackhole = (link: string) => {
  const text = `qdisc blackhole 8002: dev ${link} root refcnt 2`
  return { qdiscs: [{ link, kind: 'blackhole', isRoot: true, text }], filters: [] }
}

/** The peers of h1 are reached by a router. */
const behindRouter = (cluster: ClusterSnapshot, parts: Partial<Route> = {}) =>
  withHost(cluster, 'h1', ({ routes }) => ({
    routes: [
      ...routes,
      ...[2, 3].map((peer) => ({
        ...(routes.find(({ link }) => link === 'eth0') as Route),
        destination: { address: 0xac140000 + peer, length: 32 },
        gateway: 0xac1400fe,
        ...parts,
      })),
    ],
  }))

testCheck(test, check, {
  passes: [
    { name: 'a time to live of 1 on one link', cluster: () => vtep('h1', { ttl: 1 })(VXLAN) },
    { name: 'vxlan', cluster: () => VXLAN },
    { name: 'udp', cluster: () => UDP },
    ...recordedCases(),
  ],
  fails: [
    {
      name: 'the port of a container is down',
      cluster: () => down('h1', 'vc1')(VXLAN),
      findings: ['h1 down link vc1'],
    },
    {
      name: 'another VNI',
      cluster: () => vtep('h2', { vni: 7 })(VXLAN),
      findings: ['h1 vni-differs tunnel', 'h2 vni-differs tunnel', 'h3 vni-differs tunnel'],
    },
    {
      name: 'another port',
      cluster: () => vtep('h2', { port: 4789 })(VXLAN),
      findings: ['h1 not-listening tunnel', 'h2 not-listening tunnel', 'h3 not-listening tunnel'],
    },
    {
      name: 'the bridge does not answer pings',
      cluster: () => sysctl('h2', 'net.ipv4.icmp_echo_ignore_all', '1')(VXLAN),
      findings: ['h2 no-answer sysctl net.ipv4.icmp_echo_ignore_all = 1'],
    },
    {
      name: 'the queue of the bridge drops everything',
      cluster: () => withHost(VXLAN, 'h2', () => ({ trafficControl: blackhole('docker0') })),
      findings: ['h2 queue qdisc blackhole 8002: dev docker0 root refcnt 2'],
    },
    {
      name: 'nobody has the public IP of a lease',
      cluster: () =>
        withHost(VXLAN, 'h2', ({ fdb }) => ({
          fdb: fdb.map((one) =>
            one.destination === '172.20.0.1' ? { ...one, destination: '172.20.9.9' } : one,
          ),
        })),
      findings: ['h2 no-such-host underlay'],
    },
    {
      name: 'the flannel link writes a time to live of 1, and the peers are behind a router',
      cluster: () => behindRouter(vtep('h1', { ttl: 1 })(VXLAN)),
      findings: ['h1 ttl-too-small link flannel.1'],
    },
    {
      name: 'the routes to peers behind a router give a time to live of 1',
      cluster: () => behindRouter(VXLAN, { hopLimit: 1 }),
      findings: ['h1 ttl-too-small link flannel.1'],
    },
    {
      name: 'the kernel was told a time to live of 1, and the peers are behind a router',
      cluster: () => behindRouter(sysctl('h1', 'net.ipv4.ip_default_ttl', '1')(VXLAN)),
      findings: ['h1 ttl-too-small sysctl net.ipv4.ip_default_ttl = 1'],
    },
    {
      name: 'the flannel link is down',
      cluster: () => link('h3', 'flannel.1', { flags: [] })(VXLAN),
      findings: ['h3 down link flannel.1', 'h3 not-listening tunnel'],
    },
  ],
})
