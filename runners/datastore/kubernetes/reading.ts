/**
 * What was read from the Kubernetes API, raw: its objects as they came, without what flannel has no part in. A pod's
 * specification and a node's foreign annotations may hold secrets and are never kept.
 */
import { z } from 'zod'
import { ABSENCES } from '../../../checks/model/snapshot.ts'
import { maskedJson } from '../../collect/section/mask-json.ts'
import { ANNOTATION } from './annotation-name.ts'
import { containerStatuses, initContainerStatuses } from './container-statuses.ts'

const text = z.string()
/** What Kubernetes lets be a name (RFC 1123 subdomain); an object of another one is none of its. */
const name = z
  .string()
  .max(253)
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/)
const metadata = z.object({
  name,
  namespace: name.optional(),
  creationTimestamp: text.optional(),
  deletionTimestamp: text.optional(),
})

const annotations = z
  .record(text, text)
  .default({})
  .transform((all) => Object.fromEntries(Object.entries(all).filter(([name]) => ANNOTATION.test(name))))

/** Lists of a node: a cluster's own objects, but not without bound. */
const MOST_ENTRIES = 64
function few<T extends z.ZodType>(entry: T) {
  return z
    .array(entry)
    .default([])
    .transform((all) => all.slice(0, MOST_ENTRIES))
}

/** The one label that says what kind of node it is. */
const labels = z.object({ type: text.optional() }).optional()

export const nodeObject = z.object({
  metadata: metadata.extend({ annotations, labels }),
  spec: z.object({ podCIDR: text.optional(), podCIDRs: few(text) }).prefault({}),
  status: z
    .object({
      addresses: few(z.object({ type: text, address: text })),
      conditions: few(z.object({ type: text, status: text, reason: text.optional() })),
      nodeInfo: z.object({ kubeletVersion: text.optional() }).optional(),
    })
    .prefault({}),
})

export const podObject = z.object({
  metadata,
  spec: z.object({ nodeName: text.optional(), hostNetwork: z.boolean().optional() }).prefault({}),
  status: z
    .object({
      phase: text.default('Unknown'),
      podIP: text.optional(),
      podIPs: few(z.object({ ip: text })),
      containerStatuses,
      initContainerStatuses,
    })
    .prefault({}),
})

/** A backend's key (wireguard, ipsec) is nobody's business here. */
const withoutKey = text.transform(maskedJson)

/** The data that flannel reads; other keys of a ConfigMap are its owner's. */
export const configMapObject = z.object({
  metadata,
  data: z.object({ 'net-conf.json': withoutKey.optional(), 'cni-conf.json': text.optional() }).default({}),
})

const image = z.object({ name: text.optional(), image: text.optional() })
/** Only what a pod cannot start without; other volumes are its owner's. */
const volume = z.object({ configMap: z.object({ name: name.optional() }).optional() })
/** Left out where a DaemonSet has none, as in readings of before. */
const volumes = z.array(volume).transform((all) => all.slice(0, MOST_ENTRIES))
export const daemonSetObject = z.object({
  metadata,
  spec: z
    .object({
      template: z
        .object({
          spec: z
            .object({
              containers: few(image),
              volumes: volumes.optional(),
              nodeSelector: z.record(text, text).optional(),
            })
            .prefault({}),
        })
        .prefault({}),
    })
    .prefault({}),
  status: z
    .object({ desiredNumberScheduled: z.number().default(0), numberReady: z.number().default(0) })
    .prefault({}),
})

const port = z.number().int().min(1).max(65_535)

/** A balanced address, by which pods reach others and, with the API's own, flanneld the API. */
export const serviceObject = z.object({
  metadata,
  spec: z
    .object({
      type: text.default('ClusterIP'),
      clusterIP: text.optional(),
      externalTrafficPolicy: z.enum(['Cluster', 'Local']).optional().catch(undefined),
      ports: few(
        z.object({
          name: text.optional(),
          protocol: text.default('TCP'),
          port,
          nodePort: port.optional(),
        }),
      ),
    })
    .prefault({}),
})

/** A slice has a hundred ends, as the controller of the API makes them, and a thousand at most. */
const MOST_ENDS = 1000

export const endpointSliceObject = z.object({
  metadata: z.object({
    namespace: text.optional(),
    labels: z.object({ 'kubernetes.io/service-name': text }),
  }),
  addressType: text,
  endpoints: z
    .array(
      z.object({
        addresses: few(text),
        conditions: z.object({ ready: z.boolean().nullish() }).prefault({}),
        nodeName: text.optional(),
      }),
    )
    .nullish()
    .transform((all) => (all ?? []).slice(0, MOST_ENDS)),
  ports: z
    .array(z.object({ name: text.nullish(), protocol: text.default('TCP'), port: port.nullish() }))
    .nullish()
    .transform((all) => (all ?? []).slice(0, MOST_ENTRIES)),
})

const problem = z.object({ why: z.enum(ABSENCES), detail: text })

const NOT_RECORDED = { problem: { why: 'missing', detail: 'it was not recorded' } } as const

/** A list of the API, or why there is none. */
function listed<T extends z.ZodType>(item: T) {
  return z.union([z.object({ items: z.array(item) }), z.object({ problem })]).default(NOT_RECORDED)
}

/** The resources that are read; the names are those of a role's rules. */
export const RESOURCES = {
  nodes: listed(nodeObject),
  configmaps: z
    .union([
      z.object({
        items: z.array(configMapObject),
        /** `namespace/name` of those that were asked for and are not there. */
        missing: z.array(text).optional(),
      }),
      z.object({ problem }),
    ])
    .default(NOT_RECORDED),
  daemonsets: listed(daemonSetObject),
  pods: listed(podObject),
  services: listed(serviceObject),
  endpointslices: listed(endpointSliceObject),
} as const

export const kubernetesReading = z.object({
  kind: z.literal('kubernetes'),
  server: text,
  via: text.optional(),
  version: text.optional(),
  access: text.optional(),
  resources: z.object(RESOURCES),
  at: z.number().default(0),
})

export type KubernetesReading = z.infer<typeof kubernetesReading>
export type Resource = keyof typeof RESOURCES
export type NodeObject = z.infer<typeof nodeObject>
export type ServiceObject = z.infer<typeof serviceObject>
export type EndpointSliceObject = z.infer<typeof endpointSliceObject>
export type ReadingProblem = z.infer<typeof problem>
