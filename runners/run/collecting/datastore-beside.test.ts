/** When the datastore is read, and whose words count. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'ava'
import type { FlanneldProcess } from '../../../checks/model/daemon.ts'
import type { HostSnapshot } from '../../../checks/model/snapshot.ts'
import { buildCluster } from '../../../fixtures/build.ts'
import { DatastoreBeside } from './datastore-beside.ts'

const cluster = buildCluster({ hosts: 2, backend: 'vxlan' })

/** A host whose flanneld was told that prefix. */
function answered(name: string, prefix: string) {
  const built = cluster.hosts.get(name) as HostSnapshot
  const { flanneld } = built.facts
  if (!flanneld.known) throw new Error('a built host has a flanneld')
  const processes = flanneld.value.processes.map(
    (process): FlanneldProcess => ({ ...process, argv: ['flanneld', `-etcd-prefix=${prefix}`] }),
  )
  const facts = { ...built.facts, flanneld: { ...flanneld, value: { processes } } }
  return { target: { name, via: 'local:' }, snapshot: { ...built, facts } }
}

test('it is read before the last host has answered, and again where that says otherwise', async (t) => {
  const { promise: isAsked, resolve: asked } = Promise.withResolvers<void>()
  const server = createServer((_, answer) => {
    asked()
    answer.writeHead(404).end()
  })
  t.teardown(() => server.close())
  const port = await new Promise<number>((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })
  const hosts = ['h1', 'h2'].map((name) => ({ name, via: 'local:' }))
  const etcd = { endpoints: [`http://127.0.0.1:${port}`] }
  const beside = new DatastoreBeside({ etcd, hosts, complete: true }, new AbortController().signal)
  beside.answered(answered('h2', '/late'), 0)
  await isAsked
  t.is((await beside.whole()).datastore.etcd.prefix, '/late')
  beside.answered(answered('h1', '/first'))
  const { datastore, reading } = await beside.whole()
  t.is(datastore.etcd.prefix, '/first')
  t.true('prefix' in reading && reading.prefix === '/first')
})
