/** Which events of nodes are changes of flannel's, and a watch that is made again. */
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import test from 'ava'
import { testApi } from './api-server-for-tests.ts'
import { eventIn, nodeEvents, watchNodes } from './watch-nodes.ts'

const LIST = new URL('../../../fixtures/states/k8s-v0.28.9-vxlan/kubernetes/nodes.json', import.meta.url)
const NODES: { metadata: { name: string; annotations: Record<string, string> } }[] = JSON.parse(
  readFileSync(LIST, 'utf8'),
).items
const [first, second] = NODES as [(typeof NODES)[0], (typeof NODES)[0]]

const event = (type: string, object: unknown): string => JSON.stringify({ type, object })
const annotated = (name: string, value: string) => ({
  ...first,
  metadata: { ...first.metadata, annotations: { ...first.metadata.annotations, [name]: value } },
})

test('annotations of flannel, pod networks, and nodes that come and go count; what the kubelet writes does not', (t) => {
  const changes = nodeEvents()
  const isChange = (line: string, isFirstState: boolean): boolean => {
    const found = eventIn(line)
    return found !== undefined && changes(found, isFirstState)
  }
  t.false(isChange(event('ADDED', first), true))
  t.false(isChange(event('MODIFIED', { ...first, status: { conditions: [] } }), false))
  t.false(isChange(event('MODIFIED', annotated('other.io/ttl', '5')), false))
  t.true(isChange(event('MODIFIED', annotated('flannel.alpha.coreos.com/public-ip', '192.0.2.7')), false))
  t.true(isChange(event('MODIFIED', { ...first, spec: { podCIDR: '10.9.0.0/24' } }), false))
  t.true(isChange(event('ADDED', second), false))
  t.true(isChange(event('DELETED', second), false))
  for (const line of [
    '',
    '{',
    'null',
    '[]',
    event('ERROR', { kind: 'Status', code: 410 }),
    event('ADDED', {}),
  ])
    t.is(eventIn(line), undefined)
})

test('a watch tells of changes, and once more when it stands again', async (t) => {
  const watches: ServerResponse[] = []
  let asked = Promise.withResolvers<void>()
  const api = await testApi(t, (path, query, response) => {
    if (path !== '/api/v1/nodes' || query.get('watch') !== '1') return undefined
    watches.push(response)
    response.writeHead(200, { 'content-type': 'application/json' })
    for (const node of NODES) response.write(`${event('ADDED', node)}\n`)
    asked.resolve()
    return 'held'
  })
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  let told = Promise.withResolvers<void>()
  let changes = 0
  const changed = (): void => {
    changes++
    told.resolve()
  }
  const watching = watchNodes({ kubeconfig: [await api.kubeconfig()] }, changed, stop.signal)
  await asked.promise
  watches[0]?.write(`${event('MODIFIED', annotated('flannel.alpha.coreos.com/backend-data', '{}'))}\n`)
  await told.promise
  t.true(changes > 0)
  asked = Promise.withResolvers()
  told = Promise.withResolvers()
  watches[0]?.end()
  await asked.promise
  await told.promise
  stop.abort()
  await watching
  t.is(watches.length, 2)
})

const REFUSALS = {
  'that is forbidden': { status: 403, body: { kind: 'Status', message: 'nodes is forbidden' } },
  'whose cache is behind': { body: event('ERROR', { kind: 'Status', metadata: {}, code: 504 }) },
}

for (const [name, answer] of Object.entries(REFUSALS))
  test(`a watch ${name} tells of nothing`, async (t) => {
    const asked = Promise.withResolvers<void>()
    const api = await testApi(t, (_path, _query, response) => {
      response.once('close', asked.resolve)
      return answer
    })
    const stop = new AbortController()
    const watching = watchNodes({ kubeconfig: [await api.kubeconfig()] }, () => t.fail(), stop.signal)
    await asked.promise
    stop.abort()
    await watching
    t.pass()
  })
