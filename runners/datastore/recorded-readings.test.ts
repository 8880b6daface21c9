import { existsSync, readdirSync, readFileSync } from 'node:fs'
import test from 'ava'
import { datastoreFacts } from './datastore-facts.ts'
import type { EtcdReading } from './reading.ts'

const STATES = new URL('../../fixtures/states/', import.meta.url)

function facts(state: string) {
  return datastoreFacts(
    JSON.parse(readFileSync(new URL(`${state}/datastore.json`, STATES), 'utf8')) as EtcdReading,
  )
}

const RECORDED = readdirSync(STATES).filter(
  (name) => /^v0\.(6|7|10|20)\.\d+-/.test(name) && existsSync(new URL(`${name}/datastore.json`, STATES)),
)

test('recordings of flanneld v0.6 to v0.20 are there', (t) => t.is(RECORDED.length, 11))

for (const state of RECORDED) {
  test(`recorded: ${state}`, (t) => {
    const { etcd, config, leases } = facts(state)
    const [version = '', backend = ''] = /^(v[\d.]+)-(vxlan|host-gw|udp)/.exec(state)?.slice(1) ?? []
    const api = version.startsWith('v0.20') ? 'v3' : 'v2'
    t.like(etcd, { known: true, value: { api, otherApiHasConfig: false } })
    t.like(config, { known: true, value: { backend, subnetLength: 24, unknownKeys: [] } })
    const table = leases.known ? leases.value : { leases: [], unreadable: ['absent'] }
    t.is(table.unreadable.length, 0)
    t.is(table.leases.length, state.endsWith('docker') ? 2 : 3)
    for (const lease of table.leases) {
      t.is(lease.backendType, backend === 'udp' ? undefined : backend)
      t.is(lease.vtepMac !== undefined, backend === 'vxlan')
      t.is(lease.etcdLeaseId !== undefined, api === 'v3')
      t.is(lease.ttlSeconds !== undefined, api === 'v2')
    }
  })
}
