/** Nodes of a cluster as scenarios read and edit them, with flannel's annotations by their names without the prefix. */
import type { ClusterControl } from '../../lab/control/host-control.ts'
import { ScenarioError } from './scenario.ts'

const NODES = '/api/v1/nodes'

/** What tells a node of flannel from others; its key has the prefix, which a flag may change. */
const MARK = 'kube-subnet-manager'

export interface NodeObject {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> }
  readonly spec: { readonly podCIDR?: string }
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] }
}

/** Annotations by name, `public-ip`; null removes one. */
export type FlannelAnnotations = Readonly<Record<string, string | null>>

/** All nodes. */
export async function nodesOf(cluster: ClusterControl): Promise<readonly NodeObject[]> {
  return (await cluster.ask<{ items: NodeObject[] }>({ method: 'GET', path: NODES })).items
}

/** The prefix that flannel's annotations have here, `flannel.alpha.coreos.com/`. Throws ScenarioError where no node has any. */
export function prefixOf(nodes: readonly NodeObject[]): string {
  const keys = nodes.flatMap(({ metadata }) => Object.keys(metadata.annotations ?? {}))
  const mark = keys.find((key) => key.endsWith(MARK))
  if (mark === undefined) throw new ScenarioError('no node has annotations of flannel')
  return mark.slice(0, -MARK.length)
}

/** Flannel's annotations of a node. */
export function annotationsOf(node: NodeObject, prefix: string): Readonly<Record<string, string>> {
  const all = Object.entries(node.metadata.annotations ?? {})
  return Object.fromEntries(
    all.flatMap(([key, value]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [])),
  )
}

const keyed = (prefix: string, annotations: FlannelAnnotations): FlannelAnnotations =>
  Object.fromEntries(Object.entries(annotations).map(([name, value]) => [prefix + name, value]))

/** Writes annotations on a node. */
export async function annotateNode(
  cluster: ClusterControl,
  name: string,
  { prefix, annotations }: { readonly prefix: string; readonly annotations: FlannelAnnotations },
): Promise<void> {
  const body = { metadata: { annotations: keyed(prefix, annotations) } }
  await cluster.ask({ method: 'PATCH', path: `${NODES}/${name}`, body })
}

/** Makes a node that flannel has been on; MARK is put in. */
export async function makeNode(
  cluster: ClusterControl,
  { name, podCIDR }: { readonly name: string; readonly podCIDR: string },
  { prefix, annotations }: { readonly prefix: string; readonly annotations: FlannelAnnotations },
): Promise<void> {
  const all = keyed(prefix, { [MARK]: 'true', ...annotations })
  const body = { metadata: { name, annotations: all }, spec: { podCIDR, podCIDRs: [podCIDR] } }
  await cluster.ask({ method: 'POST', path: NODES, body })
}

/** Removes a node; one that is not there is removed. */
export async function removeNode(cluster: ClusterControl, name: string): Promise<void> {
  await cluster.ask({ method: 'DELETE', path: `${NODES}/${name}` })
}
