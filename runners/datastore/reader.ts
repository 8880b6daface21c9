/**
 * The datastore reader as a command, for networks that this process cannot enter: request as JSON on
 * stdin (so that no password shows in a process list), reading as JSON on stdout. Asked to watch, it goes on
 * and prints a word for each change.
 */
import { text } from 'node:stream/consumers'
import type { KubernetesRequest } from './kubernetes/request.ts'
import type { EtcdRequest, WatchRequest } from './request.ts'

async function readingOf(request: EtcdRequest | KubernetesRequest): Promise<unknown> {
  const { signal } = new AbortController()
  if ('kubeconfig' in request) {
    const { readKubernetes } = await import('./kubernetes/read-kubernetes.ts')
    return readKubernetes(request, signal)
  }
  const { readEtcd } = await import('./read-etcd.ts')
  return readEtcd(request, signal)
}

const request = JSON.parse(await text(process.stdin)) as EtcdRequest | KubernetesRequest | WatchRequest
if ('watch' in request) {
  const { printChanges } = await import('./print-changes.ts')
  process.stdout.on('error', () => process.exit(0)) // nobody listens any more
  await printChanges(request.watch, (line) => process.stdout.write(line))
  process.exit(0)
}
const reading = await readingOf(request)
// An unanswered gRPC connection attempt would keep the process alive after its client is closed.
process.stdout.write(JSON.stringify(reading), () => process.exit(0))
