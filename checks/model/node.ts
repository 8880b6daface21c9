import type { Prefix } from './address.ts'

/** A condition of a node; flanneld writes `NetworkUnavailable` (flannel `pkg/subnet/kube/kube.go`, `CompleteLease`). */
export interface NodeCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

/**
 * What flanneld wrote on its node, by the names of the annotations without their prefix (flannel
 * `pkg/subnet/kube/annotations.go`). Each is the text as written.
 */
export interface NodeAnnotations {
  readonly managed?: string
  readonly backendType?: string
  readonly backendData?: string
  readonly publicIp?: string
  /** The same of the second family (v0.15.0 and later). */
  readonly publicIpv6?: string
  readonly backendV6Data?: string
  /** Written by an operator: what flanneld is to publish instead of its own address. */
  readonly publicIpOverwrite?: string
  /** Written by an operator or a cloud: which of the node's addresses flanneld uses (v0.25.3 and later). */
  readonly nodePublicIp?: string
}

/** A Node of the Kubernetes API, as far as flannel has to do with it. */
export interface KubernetesNode {
  readonly name: string
  /** Seconds since 1970. */
  readonly createdAt?: number
  /** It is being removed. */
  readonly isLeaving?: true
  /** As written: one for each family at most. */
  readonly podCidrs: readonly string[]
  /** The IPv4 one, host bits kept. */
  readonly podCidr?: Prefix
  /** Of the prefix that the network uses. */
  readonly annotations: NodeAnnotations
  /** Other prefixes under which a flanneld says that it manages the node. */
  readonly otherPrefixes: readonly string[]
  readonly internalIps: readonly string[]
  readonly externalIps: readonly string[]
  readonly conditions: readonly NodeCondition[]
  /** `v1.34.4`, `v1.30.2+k3s1`. */
  readonly kubeletVersion?: string
  /** No machine stands behind it (virtual-kubelet): it needs no network of ours. */
  readonly isVirtual?: true
}

/** A container of a pod that does not run. */
export interface HaltedContainer {
  readonly name: string
  /** It must do its work before the others start. */
  readonly isInit?: true
  /** `CrashLoopBackOff`, `ImagePullBackOff`, … as the kubelet says it. */
  readonly reason: string
  readonly exitCode?: number
}

/** A pod, as far as a container is told from another by it. */
export interface Pod {
  readonly namespace: string
  readonly name: string
  readonly node?: string
  readonly phase: string
  /** It is being removed. */
  readonly isLeaving?: true
  /** Shares the network of its node. */
  readonly usesHostNetwork: boolean
  readonly ips: readonly string[]
  /** Containers that wait or have ended, in the order in which they start; absent where all run. */
  readonly halted?: readonly HaltedContainer[]
}

/** Who answers for a port of a service, and is ready. */
export interface ServiceEndpoint {
  /** As written. */
  readonly address: string
  readonly port: number
  readonly node?: string
}

/** A port of a service. */
export interface ServicePort {
  readonly name?: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
  /** The port of every node by which it is reached as well. */
  readonly nodePort?: number
  readonly endpoints: readonly ServiceEndpoint[]
}

/** A service with an IPv4 address of its own. */
export interface Service {
  readonly namespace: string
  readonly name: string
  /** As written. */
  readonly clusterIp: string
  /** externalTrafficPolicy: with Local a port of a node leads to endpoints of that node only. Absent where it has no such port, or nobody says. */
  readonly externalPolicy?: 'Cluster' | 'Local'
  readonly ports: readonly ServicePort[]
}

/** True for the service by which pods reach the API itself. */
export function isApiService({ namespace, name }: Service): boolean {
  return namespace === 'default' && name === 'kubernetes'
}

/** A DaemonSet whose pods run flanneld. */
export interface FlannelDaemonSet {
  readonly namespace: string
  readonly name: string
  readonly desired: number
  readonly ready: number
  /** Names of the containers that run flanneld. */
  readonly containers?: readonly string[]
  /** Labels that a node must have, but for its operating system: `disk=ssd`. */
  readonly nodeSelector?: string
  /** A ConfigMap that its pods mount and that is not there. */
  readonly lackedConfigMap?: string
}

/** Something the API did not give. */
export interface Unread {
  /** `pods`, `daemonsets`, … as in a role's rules. */
  readonly resource: string
  readonly detail: string
}

/** The cluster whose nodes are the leases. */
export interface KubernetesStatus {
  /** URL of the API server, without credentials. */
  readonly server: string
  /** Host URL of the host whose network reached it. */
  readonly via?: string
  /** By which right the API was asked: `kubeconfig /etc/kubernetes/admin.conf`. */
  readonly access?: string
  /** `v1.34.4`, where the server says it. */
  readonly version?: string
  /** Of flannel's annotations, with what stands between it and their names: `flannel.alpha.coreos.com/`. */
  readonly annotationPrefix: string
  /** Where the configuration was read: `ConfigMap kube-flannel/kube-flannel-cfg`. */
  readonly configSource?: string
  readonly nodes: readonly KubernetesNode[]
  /** Absent where they could not be read. */
  readonly pods?: readonly Pod[]
  readonly daemonSets?: readonly FlannelDaemonSet[]
  /** Absent where they or their endpoints could not be read. */
  readonly services?: readonly Service[]
  readonly unread: readonly Unread[]
}

/** A node has its podCIDR within a second, and its flannel pod when its image has come. */
const JOINING_SECONDS = 120

/** A node that has just been registered: what it lacks may still come. `now` in milliseconds since 1970. */
export function hasJustJoined({ createdAt }: KubernetesNode, now: number): boolean {
  return createdAt !== undefined && now / 1000 - createdAt < JOINING_SECONDS
}

/** A node that stays and needs a network. */
export function needsNetwork({ isLeaving, isVirtual }: KubernetesNode): boolean {
  return !(isLeaving || isVirtual)
}

/** Software that runs flannel inside its own process: there is no flanneld to be missing. */
export function embedsFlannel({ kubeletVersion = '' }: KubernetesNode): boolean {
  return /\+k3s\d/.test(kubeletVersion)
}

/** The namespace of flannel's pods, for commands; that of flannel's manifest where no DaemonSet could be read. */
export function flannelNamespace({ daemonSets }: KubernetesStatus): string {
  return daemonSets?.[0]?.namespace ?? 'kube-flannel'
}
