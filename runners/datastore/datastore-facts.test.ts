import test from 'ava'
import { present } from '../../checks/model/present.ts'
import { datastoreFacts } from './datastore-facts.ts'
import type { EtcdReading, StoreReading } from './reading.ts'
import { savedReading } from './saved-reading.ts'

const CONFIG = { key: '/p/config', value: '{"Network":"10.5.0.0/16"}', revision: 2 }
const LEASE = { key: '/p/subnets/10.5.7.0-24', value: '{"PublicIP":"192.0.2.7"}', revision: 3 }

function store(...entries: StoreReading['entries']): StoreReading {
  return { present: entries.some(({ key }) => key === CONFIG.key), revision: 9, entries }
}

function reading(part: Partial<EtcdReading>): EtcdReading {
  const endpoints = [{ url: 'http://192.0.2.1:2379', reachable: true }]
  return { prefix: '/p', askedApi: 'auto', endpoints, v2: store(), v3: store(), at: 0, ...part }
}

function api(part: Partial<EtcdReading>, preferred?: 'v2' | 'v3') {
  const { etcd } = datastoreFacts(reading(part), present({ api: preferred }))
  return etcd.known ? `${etcd.value.api}${etcd.value.otherApiHasConfig ? ', other too' : ''}` : 'absent'
}

test('which API is judged', (t) => {
  t.is(api({ v2: store(CONFIG) }), 'v2')
  t.is(api({ v3: store(CONFIG) }), 'v3')
  t.is(api({}), 'v3')
  t.is(api({ v2: store(LEASE) }), 'v2')
  t.is(api({ v2: store(CONFIG, LEASE), v3: store(CONFIG) }), 'v2, other too')
  t.is(api({ v2: store(CONFIG), v3: store(CONFIG) }), 'v3, other too')
  t.is(api({ v2: store(CONFIG, LEASE), v3: store(CONFIG) }, 'v3'), 'v3, other too')
  t.is(api({ v2: store(CONFIG) }, 'v3'), 'v2', 'a preference does not beat the place of the configuration')
  const old = store(CONFIG, { ...LEASE, ttlSeconds: 10 })
  t.is(api({ v2: store(CONFIG, { ...LEASE, ttlSeconds: 90 }), v3: old }), 'v2, other too')
  t.is(api({ askedApi: 'v3', v2: store(CONFIG) }), 'v3, other too')
})

test('a store that could not be read leaves config and leases absent with its reason', (t) => {
  const problem = { why: 'not-permitted', detail: 'refused' } as const
  const facts = datastoreFacts(reading({ askedApi: 'v3', v3: { ...store(), problem }, v2: store(CONFIG) }))
  t.true(facts.etcd.known)
  const detail = 'refused; the v2 store has /p/config'
  t.like(facts.config, { known: false, why: 'not-permitted', detail })
  t.like(facts.leases, { known: false, why: 'not-permitted', detail })
})

test('neither has the configuration and one store could not be read: both are told', (t) => {
  const problem = { why: 'timed-out', detail: 'too slow' } as const
  const { config } = datastoreFacts(reading({ v2: { ...store(), problem } }))
  t.like(config, { known: false, why: 'missing' })
  t.regex(config.known ? '' : config.detail, /the v2 store could not be read: too slow/)
})

test('no endpoint to ask', (t) => {
  const { etcd, config } = datastoreFacts(reading({ endpoints: [], v2: null, v3: null }))
  t.like(etcd, { known: false, why: 'missing' })
  t.regex(config.known ? '' : config.detail, /-kube-subnet-mgr/)
  const { leases } = datastoreFacts(savedReading(null, 'datastore.json'))
  t.like(leases, { known: false, why: 'missing', detail: 'nothing of etcd is in the saved state' })
})

test('the command that shows the same is safe to paste, whatever the prefix', (t) => {
  const shown = (part: Partial<EtcdReading>) => datastoreFacts(reading(part)).etcd.from.command
  t.is(shown({}), 'ETCDCTL_API=3 etcdctl --endpoints=http://192.0.2.1:2379 get --prefix /p/')
  t.is(shown({ askedApi: 'v2' }), "curl 'http://192.0.2.1:2379/v2/keys/p?recursive=true'")
  t.true(
    shown({ prefix: "/p'; rm -rf $(x)\u001b[1m" }).endsWith("get --prefix '/p'\\''; rm -rf $(x)\\x1b[1m/'"),
  )
})
