import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { needs } from '../test-needs.ts'
import { datastoreFacts } from './datastore-facts.ts'
import { freePort, startSilentServer, startTestEtcd, type TestEtcd } from './etcd-for-tests.ts'
import { readEtcd } from './read-etcd.ts'
import type { EtcdRequest } from './request.ts'

const CONFIG = '{"Network":"10.5.0.0/16","Backend":{"Type":"vxlan"}}'
const LEASE =
  '{"PublicIP":"192.0.2.1","BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"aa:bb:cc:00:11:22"}}'

const running = new Map<string, TestEtcd>()

/** One etcd with both APIs for the whole file; every test has a prefix of its own. */
async function etcd(): Promise<TestEtcd> {
  const known = running.get('both')
  if (known !== undefined) return known
  const started = await startTestEtcd()
  running.set('both', started)
  return started
}

test.after.always(async () => {
  for (const server of running.values()) await server.stop()
})

const live = needs(test.serial, 'etcd')

async function ask(request: Partial<EtcdRequest> & Pick<EtcdRequest, 'endpoints' | 'prefix'>) {
  const reading = await readEtcd({ api: 'auto', ...request }, new AbortController().signal)
  return { reading, facts: datastoreFacts(reading) }
}

function absence(t: ExecutionContext, fact: { known: boolean; why?: string; detail?: string }) {
  t.false(fact.known)
  t.false(fact.detail?.includes('\n'))
  return { why: fact.why, detail: fact.detail ?? '' }
}

live('the key of a backend stays in etcd', async (t) => {
  const { url, ctl } = await etcd()
  const backend = '{"Network":"10.5.0.0/16","Backend":{"Type":"ipsec","PSK":"ca\\"nary","UDPEncap":true}}'
  await ctl('v2', 'set', '/psk/config', backend)
  await ctl('v3', 'put', '/psk/config', `{Backend: {PSK: canary, ${backend}`)
  const { reading } = await ask({ endpoints: [url], prefix: '/psk' })
  t.notRegex(JSON.stringify(reading), /nary/)
  t.is(reading.v2?.entries[0]?.value, backend.replace('ca\\"nary', '********'))
})

live('v2: config, leases, time left', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v2', 'set', '/v2only/config', CONFIG)
  await ctl('v2', 'set', '--ttl', '600', '/v2only/subnets/10.5.7.0-24', LEASE)
  await ctl('v2', 'set', '/v2only/subnets/10.5.8.0-24', LEASE)
  const { facts, reading } = await ask({ endpoints: [url], prefix: '/v2only/' })
  t.like(facts.etcd, { known: true, value: { api: 'v2', prefix: '/v2only', otherApiHasConfig: false } })
  t.like(facts.config, { value: { backend: 'vxlan', subnetLength: 24 } })
  const leases = facts.leases.known ? facts.leases.value.leases : []
  t.is(leases.length, 2)
  const [expiring, reserved] = leases
  t.true(expiring?.ttlSeconds !== undefined && expiring.ttlSeconds > 500 && expiring.ttlSeconds <= 600)
  t.is(reserved?.ttlSeconds, undefined)
  t.true((reserved?.revision ?? 0) > (expiring?.revision ?? 0))
  t.true(reading.v2?.present)
  t.is(reading.endpoints[0]?.healthy, true)
  t.regex(reading.endpoints[0]?.version ?? '', /^3\./)
  t.regex(reading.endpoints[0]?.clusterId ?? '', /^[0-9a-f]+$/)
})

live('v3: config, leases, time left, etcd lease id; siblings of the prefix stay unread', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v3', 'put', '/v3only/config', CONFIG)
  await ctl('v3', 'put', '/v3only/secret', 'not ours')
  await ctl('v3', 'put', '/v3only2/config', 'not ours')
  const id = /lease (\w+) granted/.exec(await ctl('v3', 'lease', 'grant', '600'))?.[1] ?? ''
  await ctl('v3', 'put', '--lease', id, '/v3only/subnets/10.5.7.0-24', LEASE)
  await ctl('v3', 'put', '/v3only/subnets/10.5.8.0-24', LEASE)
  const { facts, reading } = await ask({ endpoints: [`${url}/`], prefix: '/v3only' })
  t.like(facts.etcd, { known: true, value: { api: 'v3', otherApiHasConfig: false } })
  const leases = facts.leases.known ? facts.leases.value.leases : []
  t.like(leases[0], { etcdLeaseId: id, vtepMac: 'aa:bb:cc:00:11:22', vni: 1 })
  t.true((leases[0]?.ttlSeconds ?? 0) > 500)
  t.is(leases[1]?.ttlSeconds, undefined)
  t.is(leases[1]?.etcdLeaseId, undefined)
  t.false(JSON.stringify(reading).includes('not ours'))
})

live('auto with both stores: the one with leases, or what flanneld speaks', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v2', 'set', '/both/config', CONFIG)
  await ctl('v3', 'put', '/both/config', CONFIG)
  await ctl('v2', 'set', '--ttl', '600', '/both/subnets/10.5.7.0-24', LEASE)
  const { facts, reading } = await ask({ endpoints: [url], prefix: '/both' })
  t.like(facts.etcd, { value: { api: 'v2', otherApiHasConfig: true } })
  t.like(datastoreFacts(reading, { api: 'v3' }).etcd, { value: { api: 'v3', otherApiHasConfig: true } })
})

live('empty prefix: says what was looked for and where', async (t) => {
  const { url } = await etcd()
  const { facts } = await ask({ endpoints: [url], prefix: '/nothing/here' })
  t.true(facts.etcd.known)
  const { why, detail } = absence(t, facts.config)
  t.is(why, 'missing')
  t.regex(
    detail,
    /no key \/nothing\/here\/config in the etcd v3 store; the v2 store has none either.*-etcd-prefix/,
  )
  t.like(facts.leases, { known: true, value: { leases: [], unreadable: [] } })
})

live('asked for one API while the configuration is in the other one', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v3', 'put', '/in3/config', CONFIG)
  await ctl('v2', 'set', '/in2/config', CONFIG)
  const v2 = absence(t, (await ask({ endpoints: [url], prefix: '/in3', api: 'v2' })).facts.config)
  t.regex(v2.detail, /no key \/in3\/config in the etcd v2 store, but the v3 store has it/)
  const v3 = absence(t, (await ask({ endpoints: [url], prefix: '/in2', api: 'v3' })).facts.config)
  t.regex(v3.detail, /no key \/in2\/config in the etcd v3 store, but the v2 store has it/)
})

live('config that is not JSON, lease with a broken value', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v3', 'put', '/broken/config', '\u001b[31mNetwork: 10.5.0.0/16')
  await ctl('v3', 'put', '/broken/subnets/10.5.7.0-24', '{"PublicIP":')
  await ctl('v3', 'put', '/broken/subnets/10.5.8.0-24', LEASE)
  const { facts } = await ask({ endpoints: [url], prefix: '/broken' })
  t.deepEqual(absence(t, facts.config), {
    why: 'unparsable',
    detail: '/broken/config: not JSON at line 1, column 1: "\\x1b[31mNetwork: 10.5.0.0/16"',
  })
  t.like(facts.leases, { value: { leases: { length: 1 }, unreadable: { length: 1 } } })
})

live('200 leases, each with an etcd lease of its own', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v3', 'put', '/many/config', CONFIG)
  const gateway = async (path: string, body: object): Promise<{ ID?: string }> => {
    const answer = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await answer.json()) as { ID?: string }
  }
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  for (let index = 0; index < 200; index++) {
    const { ID } = await gateway('lease/grant', { TTL: 3000 + index })
    const key = base64(`/many/subnets/10.5.${index}.0-24`)
    await gateway('kv/put', { key, value: base64(LEASE), lease: ID })
  }
  const { facts } = await ask({ endpoints: [url], prefix: '/many', timeoutMs: 30_000 })
  const leases = facts.leases.known ? facts.leases.value.leases : []
  t.is(leases.length, 200)
  t.true(leases.every(({ ttlSeconds }) => ttlSeconds !== undefined && ttlSeconds > 2000))
})

live('one dead and one silent endpoint beside a good one are no failure', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v3', 'put', '/spread/config', CONFIG)
  const silent = await startSilentServer()
  t.teardown(silent.stop)
  const dead = `http://127.0.0.1:${await freePort()}`
  const { facts, reading } = await ask({ endpoints: [dead, silent.url, url], prefix: '/spread' })
  t.true(facts.config.known)
  t.like(reading.endpoints[0], { url: dead, reachable: false, problem: 'connection refused' })
  t.like(reading.endpoints[1], { url: silent.url, reachable: false, why: 'timed-out' })
  t.like(reading.endpoints[2], { url, reachable: true, healthy: true })
})

/** A way to a server on which everything comes late. */
async function lateWay(to: string, delayMs: number): Promise<{ url: string; stop: () => void }> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(new URL(to).port), '127.0.0.1')
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => other.destroy()).on('close', () => other.destroy())
      from.on('data', (bytes) => setTimeout(() => other.writable && other.write(bytes), delayMs / 2))
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop }
}

live('an etcd that answers later than one try lasts is asked once more', async (t) => {
  const { url, ctl } = await etcd()
  await ctl('v2', 'set', '/late/config', CONFIG)
  const late = await lateWay(url, 1300)
  t.teardown(late.stop)
  const { facts } = await ask({ endpoints: [late.url], prefix: '/late', api: 'v2', timeoutMs: 2000 })
  t.like(facts.etcd, { known: true })
})
