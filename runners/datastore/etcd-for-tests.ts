/** A real etcd on loopback, for tests: own ports, own folder, gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { open, run } from '../hosts/command/spawn.ts'

export interface TestEtcd {
  readonly url: string
  readonly folder: string
  /** etcdctl with the given words; fails when it fails. */
  ctl(api: 'v2' | 'v3', ...words: readonly string[]): Promise<string>
  stop(): Promise<void>
}

export interface TestEtcdOptions {
  /** Default true. */
  readonly v2?: boolean
  /** Argv prefix under which etcd and etcdctl run, to put them into a network namespace. */
  readonly inside?: readonly string[]
  /** PEM files of a server with TLS that wants client certificates. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
}

/** A free TCP port on loopback, as the kernel gives it. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

function serverTls(tls: TestEtcdOptions['tls']): readonly string[] {
  return tls === undefined
    ? []
    : [
        `--cert-file=${tls.cert}`,
        `--key-file=${tls.key}`,
        `--trusted-ca-file=${tls.ca}`,
        '--client-cert-auth',
      ]
}

function clientTls(api: 'v2' | 'v3', tls: TestEtcdOptions['tls']): readonly string[] {
  if (tls === undefined) return []
  return api === 'v3'
    ? [`--cacert=${tls.ca}`, `--cert=${tls.cert}`, `--key=${tls.key}`]
    : [`--ca-file=${tls.ca}`, `--cert-file=${tls.cert}`, `--key-file=${tls.key}`]
}

async function waitUntilHealthy(ctl: TestEtcd['ctl']): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      await ctl('v3', 'endpoint', 'health')
      return
    } catch {
      await sleep(100)
    }
  }
  throw new Error('etcd did not become healthy')
}

/** Starts etcd and waits until it serves. */
export async function startTestEtcd({
  v2 = true,
  tls,
  inside = [],
}: TestEtcdOptions = {}): Promise<TestEtcd> {
  const folder = await mkdtemp(join(tmpdir(), 'flannel-doctor-etcd-'))
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${await freePort()}`
  const peer = `http://127.0.0.1:${await freePort()}`
  const server = await open([
    ...inside,
    'etcd',
    `--data-dir=${folder}/data`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--heartbeat-interval=20',
    '--election-timeout=200',
    `--enable-v2=${v2}`,
    ...serverTls(tls),
    '--logger=zap',
    '--log-outputs=/dev/null',
  ])
  const ctl = async (api: 'v2' | 'v3', ...words: readonly string[]): Promise<string> => {
    const flags = [`--endpoints=${url}`, ...clientTls(api, tls), ...words]
    const { end, stdout, stderr } = await run([
      ...inside,
      'env',
      `ETCDCTL_API=${api.slice(1)}`,
      'etcdctl',
      ...flags,
    ])
    if (!('exit' in end) || end.exit !== 0) throw new Error(`etcdctl ${words.join(' ')}: ${stderr}`)
    return new TextDecoder().decode(stdout)
  }
  const stop = async (): Promise<void> => {
    await server.stop(500)
    await rm(folder, { recursive: true, force: true })
  }
  await waitUntilHealthy(ctl)
  return { url, folder, ctl, stop }
}

/** A server that accepts connections and never says anything. */
export async function startSilentServer(): Promise<{ url: string; stop: () => Promise<void> }> {
  const sockets = new Set<import('node:net').Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      for (const socket of sockets) socket.destroy()
      server.close(() => resolve())
    })
  return { url: `http://127.0.0.1:${port}`, stop }
}
