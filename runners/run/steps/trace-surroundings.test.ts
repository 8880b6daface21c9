import test from 'ava'
import { buildCluster, withHost } from '../../../fixtures/build.ts'
import { tunnelPorts } from './trace-surroundings.ts'

test('packets of the overlay are looked for behind the ports of configuration, links and FDB entries', (t) => {
  const cluster = buildCluster({ hosts: 2, backend: 'vxlan', config: { port: 4000 } })
  const own = (ports: readonly number[]) =>
    withHost(cluster, 'h2', ({ fdb, links }) => ({
      fdb: [...fdb, ...ports.flatMap((port) => fdb.slice(0, 1).map((entry) => ({ ...entry, port })))],
      links: links.map((link) => (link.vxlan ? { ...link, vxlan: { ...link.vxlan, port: 4001 } } : link)),
    }))
  t.deepEqual(tunnelPorts(own([4789, 4789])), { vxlan: [8472, 4000, 4001, 4789], udp: [8285] })
  const many = Array.from({ length: 500 }, (_, n) => 5000 + n)
  t.true(tunnelPorts(own(many)).vxlan.length < 16, 'a tap compares every packet with each')
})
