/** The nodes and pods of a large cluster: listed page by page and judged, beside reading and parsing the same pages. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { evaluate } from '../../checks/evaluate.ts'
import { formatAddress } from '../../checks/model/address.ts'
import { CHECKS } from '../../checks/registry.ts'
import { readKubernetes } from '../datastore/kubernetes/read-kubernetes.ts'
import { clusterOf } from '../run/collecting/collect-cluster.ts'
import { compare, millisecondsOf } from './measure.ts'

const NODES = 1000
const PODS_PER_NODE = 30
/** 10.0.0.0, out of which every node has a /24. */
const NETWORK = 0x0a000000
const UNDERLAY = 0xac100000

/** What a kubelet writes of its images and volumes, which nobody reads here; a real node has 10 to 20 KB. */
const BALLAST = Array.from({ length: 50 }, (_, at) => ({
  names: [`registry.example.org/image-${at}@sha256:${'ab'.repeat(32)}`],
  sizeBytes: 12_345_678 + at,
}))

function node(at: number): object {
  const [subnet, address] = [formatAddress(NETWORK + at * 256), formatAddress(UNDERLAY + at + 1)]
  const flannel = {
    'kube-subnet-manager': 'true',
    'backend-type': 'vxlan',
    'backend-data': JSON.stringify({ VNI: 1, VtepMAC: `02:00:00:00:${hex(at >> 8)}:${hex(at & 255)}` }),
    'public-ip': address,
  }
  const annotations = Object.entries(flannel).map(([name, value]) => [
    `flannel.alpha.coreos.com/${name}`,
    value,
  ])
  return {
    metadata: {
      name: `node-${at}`,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: Object.fromEntries(annotations),
    },
    spec: { podCIDR: `${subnet}/24`, podCIDRs: [`${subnet}/24`] },
    status: {
      addresses: [{ type: 'InternalIP', address }],
      conditions: [
        { type: 'Ready', status: 'True', reason: 'KubeletReady' },
        { type: 'NetworkUnavailable', status: 'False', reason: 'FlannelIsUp' },
      ],
      images: BALLAST,
    },
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')

function pod(at: number): object {
  const [host, index] = [Math.floor(at / PODS_PER_NODE), at % PODS_PER_NODE]
  const isFlannel = index === 0
  const ip = formatAddress(isFlannel ? UNDERLAY + host + 1 : NETWORK + host * 256 + index + 1)
  return {
    metadata: isFlannel
      ? { namespace: 'kube-flannel', name: `kube-flannel-ds-${host}` }
      : { namespace: 'default', name: `pod-${at}` },
    spec: { nodeName: `node-${host}`, hostNetwork: isFlannel, containers: [{ name: 'c', image: 'i' }] },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  }
}

const CONFIG_MAP = {
  metadata: { namespace: 'kube-flannel', name: 'kube-flannel-cfg' },
  data: { 'net-conf.json': JSON.stringify({ Network: '10.0.0.0/8', Backend: { Type: 'vxlan' } }) },
}
const DAEMON_SET = {
  metadata: { namespace: 'kube-flannel', name: 'kube-flannel-ds' },
  spec: { template: { spec: { containers: [{ image: 'ghcr.io/flannel-io/flannel:v0.28.9' }] } } },
  status: { desiredNumberScheduled: NODES, numberReady: NODES },
}

/** Every page of a list, made once, by what comes after it. */
function pages(path: string, items: readonly object[], limit: number): ReadonlyMap<string, string> {
  const made = new Map<string, string>()
  for (let at = 0; at < Math.max(1, items.length); at += limit) {
    const more = at + limit < items.length ? { continue: String(at + limit) } : {}
    made.set(`${path} ${at || ''}`, JSON.stringify({ metadata: more, items: items.slice(at, at + limit) }))
  }
  return made
}

const PAGE = 500

const ANSWERS: ReadonlyMap<string, string> = new Map([
  ...pages(
    '/api/v1/nodes',
    Array.from({ length: NODES }, (_, at) => node(at)),
    PAGE,
  ),
  ...pages(
    '/api/v1/pods',
    Array.from({ length: NODES * PODS_PER_NODE }, (_, at) => pod(at)),
    PAGE,
  ),
  ...pages('/apis/apps/v1/daemonsets', [DAEMON_SET], PAGE),
  ...pages('/api/v1/services', [], PAGE),
  ...pages('/apis/discovery.k8s.io/v1/endpointslices', [], PAGE),
  ['/version ', JSON.stringify({ gitVersion: 'v1.34.4' })],
  ['/api/v1/namespaces/kube-flannel/configmaps/kube-flannel-cfg ', JSON.stringify(CONFIG_MAP)],
])

/** Prints the ratio, and what judging alone takes. */
export async function benchKubernetes(): Promise<void> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server')
    const body = ANSWERS.get(`${pathname} ${searchParams.get('continue') ?? ''}`)
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(body ?? '{"kind":"Status"}')
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const work = mkdtempSync(join(tmpdir(), 'flannel-doctor-bench-'))
  try {
    const kubeconfig = join(work, 'config')
    const named = { 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }] }
    const clusters = [{ name: 'c', cluster: { server: url } }]
    writeFileSync(
      kubeconfig,
      JSON.stringify({ ...named, clusters, users: [{ name: 'u', user: { token: 't' } }] }),
    )
    await compared(kubeconfig, url)
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(work, { recursive: true, force: true })
  }
}

async function compared(kubeconfig: string, url: string): Promise<void> {
  const judging: number[] = []
  await compare(
    `listing and judging ${NODES} nodes with ${NODES * PODS_PER_NODE} pods beside parsing the same pages`,
    {
      ours: () =>
        millisecondsOf(async () => {
          const reading = await readKubernetes({ kubeconfig: [kubeconfig] }, new AbortController().signal)
          const { at } = reading
          const snapshot = clusterOf([], reading, { window: { from: at, to: at }, complete: true })
          judging.push(
            await millisecondsOf(async () => {
              const found = evaluate(snapshot, CHECKS, at)
                .flatMap(({ findings }) => findings)
                .filter(({ severity }) => severity !== 'info')
              if (!snapshot.datastore.kubernetes.known || found.length > 0)
                throw new Error(`the cluster is not judged as healthy: ${found[0]?.message}`)
            }),
          )
        }),
      base: () =>
        millisecondsOf(async () => {
          for (const key of ANSWERS.keys()) {
            const [path, after] = key.split(' ')
            await (await fetch(`${url}${path}?limit=${PAGE}&continue=${after}`)).json()
          }
        }),
      pairs: 7,
    },
  )
  console.log(`of which judging: ${Math.max(...judging).toFixed(0)} ms at most`)
}
