import { readFileSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { needs } from '../../test-needs.ts'
import { type Answers, CANARY, testApi } from './api-server-for-tests.ts'
import { kubernetesFacts } from './kubernetes-facts.ts'
import { readKubernetes } from './read-kubernetes.ts'
import type { KubernetesRequest } from './request.ts'

const live = needs(test, 'openssl')

/** The reading, in which nothing secret may stand. */
async function read(t: ExecutionContext, request: KubernetesRequest) {
  const reading = await readKubernetes({ timeoutMs: 30_000, ...request }, new AbortController().signal)
  t.false(JSON.stringify(reading).includes(CANARY))
  return reading
}

/** Why nothing could be read. */
async function problem(t: ExecutionContext, request: KubernetesRequest): Promise<string> {
  const { kubernetes } = kubernetesFacts(await read(t, request))
  return kubernetes.known ? 'known' : `${kubernetes.why}: ${kubernetes.detail}`
}

live('nodes, configuration and pods, by a token', async (t) => {
  const { kubeconfig, url } = await testApi(t)
  const reading = await read(t, { kubeconfig: [await kubeconfig()] })
  t.like(reading, { kind: 'kubernetes', server: url, version: 'v1.34.4' })
  const { kubernetes, config, leases, etcd } = kubernetesFacts(reading)
  t.like(kubernetes, { known: true, value: { configSource: 'ConfigMap kube-flannel/kube-flannel-cfg' } })
  t.like(config, { known: true, value: { backend: 'vxlan' } })
  t.deepEqual(leases.known && leases.value.leases.map(({ key, node }) => [key, node]), [
    ['node/h1', 'h1'],
    ['node/h2', 'h2'],
    ['node/h3', 'h3'],
  ])
  t.like(etcd, { known: false, why: 'not-applicable' })
})

live('every way to say who asks', async (t) => {
  const { kubeconfig, folder } = await testApi(t)
  const known = async (user: object): Promise<boolean> =>
    t.is(await problem(t, { kubeconfig: [await kubeconfig({}, user)] }), 'known')
  await writeFile(join(folder, 'token'), `${CANARY}\n`)
  await known({ tokenFile: 'token', token: 'another' })
  const plugin = join(folder, 'plugin')
  const credential = { kind: 'ExecCredential', apiVersion: 'client.authentication.k8s.io/v1' }
  const script = (status: string): string =>
    `#!/bin/sh\n[ -n "$KUBERNETES_EXEC_INFO" ] || exit 3\nprintf '%s' '${JSON.stringify(credential).replace('}', `,"status":${status}}`)}'\n`
  await writeFile(plugin, script('{"token":"\'"$1$TAIL"\'"}'))
  await chmod(plugin, 0o700)
  const exec = {
    apiVersion: credential.apiVersion,
    command: './plugin',
    args: [CANARY.slice(0, 6)],
    env: [{ name: 'TAIL', value: CANARY.slice(6) }],
  }
  await known({ exec })
  const told = await problem(t, { kubeconfig: [await kubeconfig({}, { exec })], isTold: true })
  t.regex(told, /exec plugin, which is not run/)
})

live('a kubeconfig that is wrong gives one clear line', async (t) => {
  const { kubeconfig, folder, sign } = await testApi(t)
  const wrong = async (cluster: object, user?: object, more: Partial<KubernetesRequest> = {}) =>
    problem(t, { kubeconfig: [await kubeconfig(cluster, user)], ...more })
  const other = await (await import('../http/certificates-for-tests.ts')).makeAuthority(folder, 'other')
  const stranger = await other('stranger', 'IP:127.0.0.1')
  const old = await sign('old', 'IP:127.0.0.1', '0')
  t.regex(await wrong({}, { token: 'wrong' }), /^not-permitted: .*401.*wrong or has expired$/)
  t.regex(await wrong({}, {}), /^not-permitted: .*: the kubeconfig gives neither token nor certificate$/)
  t.regex(
    await wrong({}, { 'client-certificate': old.cert, 'client-key': old.key }),
    /the client certificate ended \d{4}-/,
  )
  t.regex(await wrong({ server: 'https://127.0.0.1:1' }), /^unreachable: .*connection refused$/)
  t.regex(await wrong({ 'certificate-authority': stranger.ca }), /not signed by a trusted authority/)
  const noAuthority = { 'certificate-authority-data': Buffer.from('hello').toString('base64') }
  t.regex(await wrong(noAuthority), /^unparsable: .*certificate-authority has no certificate/)
  t.regex(await wrong({ 'tls-server-name': 'elsewhere' }), /for another name or address/)
  t.is(await wrong({ 'certificate-authority': stranger.ca, 'insecure-skip-tls-verify': true }), 'known')
  t.regex(await wrong({ 'proxy-url': 'http://proxy:3128' }), /proxy-url\), which is not supported/)
  t.regex(await wrong({}, undefined, { context: 'elsewhere' }), /has no context "elsewhere": it has main/)
  t.regex(await wrong({ 'certificate-authority': 'absent.pem' }), /absent\.pem.*no such file/)
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'no-plugin') }
  t.regex(await wrong({}, { exec }), /^not-installed: exec plugin .*no-plugin .* is not there/)
  const failing = { ...exec, command: 'sh', args: ['-c', 'exit 4'] }
  t.regex(await wrong({}, { exec: failing }), /ended with exit 4/)
  const silent = { ...exec, command: 'sleep', args: ['20'] }
  t.regex(await wrong({}, { exec: silent }, { timeoutMs: 200 }), /^timed-out: .*gave nothing in time/)
  const talking = { ...exec, command: 'echo', args: [CANARY] }
  t.regex(await wrong({}, { exec: talking }), /printed no ExecCredential/)
  const nobody = JSON.stringify({ apiVersion: exec.apiVersion, kind: 'ExecCredential', status: {} })
  t.regex(await wrong({}, { exec: { ...talking, args: [nobody] } }), /gave neither a token nor a certificate/)
  t.regex(await wrong({}, { 'auth-provider': { name: 'gcp' } }), /auth-provider gcp is not supported/)
  t.regex(await problem(t, { kubeconfig: [join(folder, 'absent')] }), /^missing: .*no such file/)
  t.regex(await problem(t, { kubeconfig: [folder] }), /^not-permitted: /)
  await writeFile(join(folder, 'broken'), `users:\n- token: ${CANARY}\n :bad: [`)
  t.regex(await problem(t, { kubeconfig: [join(folder, 'broken')] }), /is no YAML at line \d/)
})

live('a server that is none gives one clear line', async (t) => {
  const cases: readonly (readonly [RegExp, Answers])[] = [
    [/does not answer in JSON/, () => ({ body: '<html>' })],
    [/something else than a list/, () => ({ body: {} })],
    [/sends elsewhere \(302\)/, () => ({ status: 302, body: {} })],
    [/^timed-out: .*did not answer within/, () => 'held'],
    [
      /more than \d+ bytes/,
      (_path, _query, response) => {
        response.writeHead(200)
        const more = (): void => {
          while (response.write('x'.repeat(1 << 20)));
        }
        response.on('drain', more)
        more()
        return 'held'
      },
    ],
    [/more than 20000, which are not read/, () => ({ body: { items: [], metadata: { continue: 'x' } } })],
  ]
  for (const [words, answers] of cases) {
    const { kubeconfig } = await testApi(t, answers)
    const isHeld = words.source.includes('did not answer')
    const request = { kubeconfig: [await kubeconfig()], ...(isHeld && { timeoutMs: 500 }) }
    t.regex(await problem(t, request), words)
  }
})

live('what an account may not read is absent with a reason', async (t) => {
  const message = 'pods is forbidden: User "x" cannot list resource "pods"'
  const { kubeconfig } = await testApi(t, (path) =>
    /pods$|configmaps/.test(path) ? { status: 403, body: { message } } : undefined,
  )
  const { kubernetes, config, leases } = kubernetesFacts(await read(t, { kubeconfig: [await kubeconfig()] }))
  t.like(kubernetes, { known: true, value: { unread: { 1: { resource: 'pods', detail: message } } } })
  t.like(config, { known: false, why: 'not-permitted' })
  t.true(leases.known)
  const nodes = await testApi(t, (path) =>
    path.endsWith('/nodes') ? { status: 403, body: { message: 'nodes is forbidden' } } : undefined,
  )
  const asked = { kubeconfig: [await nodes.kubeconfig()] }
  t.regex(await problem(t, asked), /^not-permitted: .*nodes is forbidden/)
})

live('1,000 nodes come page by page, and a list that changed meanwhile is begun again', async (t) => {
  const { items } = JSON.parse(
    readFileSync(
      new URL('../../../fixtures/states/k8s-v0.28.9-vxlan/kubernetes/nodes.json', import.meta.url),
      'utf8',
    ),
  ) as { items: { metadata: object }[] }
  const nodes = Array.from({ length: 1000 }, (_, at) => ({
    ...items[0],
    metadata: { ...items[0]?.metadata, name: `n${at}` },
  }))
  const pages: string[] = []
  const { kubeconfig } = await testApi(t, (path, query) => {
    if (!path.endsWith('/nodes')) return undefined
    const from = Number(query.get('continue') ?? 0)
    pages.push(`${from}+${query.get('limit')}`)
    if (from > 0 && pages.length === 2) return { status: 410, body: { message: 'expired' } }
    const next = from + 500
    const body = { items: nodes.slice(from, next), metadata: next < 1000 ? { continue: `${next}` } : {} }
    return { body }
  })
  const reading = await read(t, { kubeconfig: [await kubeconfig()] })
  t.is('items' in reading.resources.nodes && reading.resources.nodes.items.length, 1000)
  t.deepEqual(pages, ['0+500', '500+500', '0+500', '500+500'])
})
