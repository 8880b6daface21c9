import { randomBytes } from 'node:crypto'
import test from 'ava'
import type { Runner } from '../hosts/command/runner.ts'
import { run } from '../hosts/command/spawn.ts'
import { localRunner } from '../hosts/local.ts'
import { NETNS_DIR, netnsPrefix, netnsRunner } from '../hosts/netns.ts'
import { needs } from '../test-needs.ts'
import { datastoreFacts } from './datastore-facts.ts'
import { startSilentServer, startTestEtcd } from './etcd-for-tests.ts'
import { readRelayed } from './read-relayed.ts'
import { readEtcdVia } from './read-via.ts'
import type { EtcdRequest } from './request.ts'

const { signal } = new AbortController()

needs(
  test,
  'netns',
  'etcd',
)('an etcd that only a network namespace reaches', async (t) => {
  const name = `fdt-${randomBytes(4).toString('hex')}`
  t.like(await run(['ip', 'netns', 'add', name]), { end: { exit: 0 } })
  t.teardown(() => run(['ip', 'netns', 'del', name]))
  t.like(await run(['ip', '-n', name, 'link', 'set', 'lo', 'up']), { end: { exit: 0 } })
  const etcd = await startTestEtcd({ inside: netnsPrefix(name) })
  t.teardown(etcd.stop)
  await etcd.ctl('v3', 'put', '/ns/config', '{"Network":"10.5.0.0/16"}')
  const request: EtcdRequest = { endpoints: [etcd.url], prefix: '/ns', api: 'auto' }
  const here = datastoreFacts(await readEtcdVia(localRunner('here'), request, signal))
  t.like(here.config, { known: false, why: 'unreachable' })
  const there = datastoreFacts(await readEtcdVia(netnsRunner('etcd', name), request, signal))
  t.like(there.config, { known: true, value: { backend: 'udp' } })
  t.like(there.etcd, { value: { endpoints: { 0: { healthy: true } } } })
  const relayed = await readRelayed(`${NETNS_DIR}/${name}`, request, signal)
  // Its namespace by another name: a shell does not find it, the reader is run in it.
  const byReader = await readEtcdVia(
    { ...netnsRunner('etcd', name), via: 'netns://fdt-elsewhere' },
    request,
    signal,
  )
  t.deepEqual({ ...relayed, at: 0 }, { ...byReader, at: 0 })
})

test('the password goes to the reader on stdin, not in its argv', async (t) => {
  const seen: unknown[] = []
  const child: Runner = {
    ...localRunner('here'),
    kind: 'netns',
    run: (argv, options) => {
      seen.push({ argv, stdin: options?.stdin })
      return run(argv, options)
    },
  }
  const request: EtcdRequest = {
    endpoints: ['http://127.0.0.1:1'],
    prefix: '/x',
    api: 'auto',
    user: 'u',
    password: 'canary-word',
  }
  const reading = await readEtcdVia(child, request, signal)
  t.like(reading.endpoints[0], { reachable: false, problem: 'connection refused' })
  const [call] = seen as { argv: readonly string[]; stdin: string }[]
  t.false(JSON.stringify(call?.argv).includes('canary-word'))
  t.true(call?.stdin.includes('canary-word'))
  t.false(JSON.stringify(reading).includes('canary-word'))
})

test('the reader process ends although its etcd never answered', async (t) => {
  const silent = await startSilentServer()
  t.teardown(silent.stop)
  const child: Runner = { ...localRunner('here'), kind: 'netns', via: 'netns://here' }
  const request: EtcdRequest = { endpoints: [silent.url], prefix: '/x', api: 'v3', timeoutMs: 200 }
  const reading = await readEtcdVia(child, request, signal)
  t.like(reading.endpoints[0], { reachable: false, why: 'timed-out' })
})

test('hosts that are not there or of another kind', async (t) => {
  const request: EtcdRequest = { endpoints: ['http://127.0.0.1:1'], prefix: '/x', api: 'auto' }
  const docker = await readEtcdVia({ ...localRunner('here'), kind: 'docker' }, request, signal)
  t.regex(docker.endpoints[0]?.problem ?? '', /^reading etcd from a docker host is not supported$/)
  const gone = await readEtcdVia(netnsRunner('etcd', 'fdt-nowhere'), request, signal)
  t.regex(gone.endpoints[0]?.problem ?? '', /^no network namespace fdt-nowhere/)
})
