import test from 'ava'
import { firewall, type HostTables, hostGwPeer, oldVxlanPeer, udpPeer, vxlanPeer } from './programmed.ts'

const peer = { subnet: '10.5.7.0/24', publicIp: '192.0.2.12', vtepMac: '0a:00:00:00:00:07' }
const view = { peer, network: '10.5.0.0/16', link: 'flannel.1', direct: false }
const complete: HostTables = {
  routes: [{ dst: '10.5.7.0/24', gateway: '10.5.7.0', dev: 'flannel.1' }],
  neighbours: [{ dst: '10.5.7.0', lladdr: peer.vtepMac }],
  fdb: [{ mac: peer.vtepMac, dst: peer.publicIp }],
  rules: '',
  log: '',
}

test('vxlan: each of the three entries is waited for', (t) => {
  t.is(vxlanPeer(complete, view), undefined)
  t.is(vxlanPeer({ ...complete, routes: [] }, view), 'route to 10.5.7.0/24')
  t.is(vxlanPeer({ ...complete, neighbours: [{ dst: '10.5.7.0' }] }, view), 'neighbour 10.5.7.0')
  t.is(
    vxlanPeer({ ...complete, fdb: [{ mac: peer.vtepMac, dst: '192.0.2.13' }] }, view),
    'FDB entry for 192.0.2.12',
  )
})

test('vxlan with DirectRouting: the route goes to the public IP', (t) => {
  t.is(vxlanPeer(complete, { ...view, direct: true }), 'route to 10.5.7.0/24')
  const routes = [{ dst: '10.5.7.0/24', gateway: '192.0.2.12', dev: 'eth0' }]
  t.is(vxlanPeer({ ...complete, routes, neighbours: [], fdb: [] }, { ...view, direct: true }), undefined)
})

test('vxlan before v0.9.0: one network route', (t) => {
  t.is(oldVxlanPeer(complete, view), 'route to 10.5.0.0/16')
  t.is(oldVxlanPeer({ ...complete, routes: [{ dst: '10.5.0.0/16', dev: 'flannel.1' }] }, view), undefined)
})

test('host-gw and udp', (t) => {
  t.is(hostGwPeer(complete, view), 'route to 10.5.7.0/24')
  t.is(hostGwPeer({ ...complete, routes: [{ dst: '10.5.7.0/24', gateway: '192.0.2.12' }] }, view), undefined)
  const routes = [{ dst: '10.5.0.0/16', dev: 'flannel0' }]
  t.is(udpPeer({ ...complete, routes }, view), 'peer 10.5.7.0/24')
  t.is(udpPeer({ ...complete, routes, log: 'Subnet added: 10.5.7.0/24\n' }, view), undefined)
})

test('rules: Docker’s own masquerade rule does not count for flannel’s', (t) => {
  const docker = '-A POSTROUTING -s 10.5.3.0/24 ! -o docker0 -j MASQUERADE\n'
  const wanted = { network: '10.5.0.0/16', masquerade: true, forward: false }
  t.is(firewall(docker.repeat(3), wanted), 'masquerade rules')
  const own =
    '-A POSTROUTING -s 10.5.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE\n-A POSTROUTING ! -s 10.5.0.0/16 -d 10.5.0.0/16 -j MASQUERADE\n'
  t.is(firewall(own, wanted), undefined)
  t.is(firewall(own, { ...wanted, forward: true }), 'forward rules')
})
