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
  // So many questions on one connection that a listener left behind by each would be warned of.
  for (let subnet = 1; subnet <= 8; subnet += 1) {
    const id = /lease (\w+) granted/.exec(await etcd.ctl('v3', 'lease', 'grant', '600'))?.[1] ?? ''
    await etcd.ctl(
      'v3',
      'put',
      `--lease=${id}`,
      `/ns/subnets/10.5.${subnet}.0-24`,
      '{"PublicIP":"192.0.2.7"}',
    )
  }
  const warnings: Error[] = []
  const warned = (warning: Error): number => warnings.push(warning)
  process.on('warning', warned)
  t.teardown(() => process.off('warning', warned))
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
  const timeless = (reading: typeof byReader | undefined) => ({
    ...reading,
    at: 0,
    v3: {
      ...reading?.v3,
      entries: reading?.v3?.entries.map(({ ttlSeconds, ...entry }) => [entry, Number(ttlSeconds) > 500]),
    },
  })
  t.deepEqual(timeless(relayed), timeless(byReader))
  t.deepEqual(warnings, [])
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
