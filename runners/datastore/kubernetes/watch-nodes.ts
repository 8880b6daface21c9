/**
 * Tells when something changes of what flannel keeps in nodes, by the API's own watch. The kubelet writes into a node every
 * few minutes, so only pod networks, flannel's annotations and the coming and going of nodes count.
 */
import { createHash } from 'node:crypto'
import { httpLines } from '../http/http-lines.ts'
import { watchAgain } from '../http/watch-again.ts'
import { apiAccess } from './api-access.ts'
import { apiQuestion } from './api-get.ts'
import { type NodeObject, nodeObject } from './reading.ts'
import { KUBERNETES_TIMEOUT_MS, type KubernetesRequest } from './request.ts'

/**
 * From version 0 the API first tells of every node that its cache has ("Get State and Start at Any"). Without a version it
 * would wait until the cache is as new as etcd, and in a network at rest give up (504) after three seconds, again and again.
 */
const PATH = '/api/v1/nodes?watch=1&resourceVersion=0'
/** What is told of a node for the first time that soon after the first event was there before. */
const FIRST_STATE_MS = 2000

/** Nodes that are remembered at most, as many as are read. */
const MOST_NODES = 20_000

const byName = ([one]: [string, string], [other]: [string, string]): number => (one < other ? -1 : 1)

/** What counts of a node, to be compared. */
function flannelsPart({ metadata: { annotations }, spec }: NodeObject): string {
  const text = JSON.stringify([spec.podCIDR, spec.podCIDRs, Object.entries(annotations).toSorted(byName)])
  return createHash('sha256').update(text).digest('base64')
}

interface NodeEvent {
  readonly type: unknown
  readonly node: NodeObject
}

/** The event of a line; undefined for what is none of a node. */
export function eventIn(line: string): NodeEvent | undefined {
  try {
    const { type, object } = JSON.parse(line)
    const { data } = nodeObject.safeParse(object)
    return data && { type, node: data }
  } catch {
    return undefined
  }
}

/** Hears events of nodes and says of each whether it is a change of flannel's; it remembers nodes from one watch to the next. */
export function nodeEvents(): (event: NodeEvent, isFirstState: boolean) => boolean {
  const known = new Map<string, string>()
  return ({ type, node }, isFirstState) => {
    const { name } = node.metadata
    if (type === 'DELETED') return known.delete(name)
    const [before, now] = [known.get(name), flannelsPart(node)]
    if (known.size < MOST_NODES || before !== undefined) known.set(name, now)
    return before !== now && !(isFirstState && before === undefined)
  }
}

/** Calls `changed` for every such change until the signal ends it. Never rejects: what cannot be watched is not. */
export async function watchNodes(
  request: KubernetesRequest,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const isChange = nodeEvents()
  const { timeoutMs = KUBERNETES_TIMEOUT_MS } = request
  const watchOnce = async (stands: () => void): Promise<void> => {
    const access = await apiAccess({ ...request, signal })
    const { url, asked } = apiQuestion(access, PATH, { timeoutMs, signal })
    let isWatched = false
    let firstAt: number | undefined
    await httpLines({ url }, asked, {
      answered: ({ statusCode }) => {
        isWatched = statusCode === 200
      },
      line: (line) => {
        const event = isWatched ? eventIn(line) : undefined
        if (event === undefined) return // an error, at which the API ends the watch
        if (firstAt === undefined) stands()
        firstAt ??= performance.now()
        if (isChange(event, performance.now() - firstAt < FIRST_STATE_MS)) changed()
      },
    })
  }
  // Why it cannot be asked is told by reading it.
  await watchAgain((stands) => watchOnce(stands).catch(() => {}), changed, signal)
}
