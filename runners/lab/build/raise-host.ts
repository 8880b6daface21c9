/** Brings one host of a lab up: flanneld, and containers by hand, by Docker or by CNI plugins. */
import { mkdirSync } from 'node:fs'
import { present } from '../../../checks/model/present.ts'
import type { ContainerImage } from '../daemons/container-image.ts'
import { startDockerHost } from '../daemons/dockerd.ts'
import { type FlanneldParts, subnetFileOf } from '../daemons/flanneld.ts'
import { subnetText } from '../daemons/host-subnet.ts'
import { raiseFlanneld } from '../daemons/raise-flanneld.ts'
import type { ReadyHost, ReadySubject } from '../daemons/ready.ts'
import { layContainers } from '../network/bridge.ts'
import type { PlannedHost } from '../plan/plan.ts'
import type { LabContainer, LabHost } from '../running/state.ts'
import type { CniFiles } from './prepare-datastore.ts'

/** What hosts are made with. */
export interface HostParts extends FlanneldParts {
  readonly cniFiles: CniFiles | undefined
  /** What containers of a real Docker are made from. */
  readonly image: ContainerImage | undefined
}

async function layByHand(
  { plan, bounds }: ReadySubject,
  { host, subnet, cniFiles }: Pick<ReadyHost, 'host' | 'subnet'> & Pick<HostParts, 'cniFiles'>,
): Promise<readonly LabContainer[]> {
  if (plan.cluster) return (await clusterNode()).fillNode(plan, host, bounds)
  if (!host.hasBridge) return []
  if (cniFiles === undefined) return layContainers(host, subnet)
  const { addPods } = await import('../kubernetes/pods.ts')
  return addPods(plan, host, cniFiles)
}

const clusterNode = () => import('../kubernetes/raise-node.ts')

/** Throws LabError when it does not come up. */
export async function raiseHost(
  subject: ReadySubject,
  host: PlannedHost,
  parts: HostParts,
): Promise<ReadyHost & { readonly state: LabHost }> {
  mkdirSync(host.directory, { recursive: true, mode: 0o755 })
  const ready = subject.plan.cluster
    ? await (await clusterNode()).joinNode(subject, host)
    : await raiseFlanneld(subject, host, parts)
  const { subnet, flanneld } = ready
  const { image } = parts
  const docker =
    image === undefined || !host.hasBridge
      ? undefined
      : await startDockerHost({ ...subject, image }, host, subnet)
  const containers = docker?.containers ?? (await layByHand(subject, { ...ready, cniFiles: parts.cniFiles }))
  const state: LabHost = {
    name: host.name,
    namespace: host.namespace,
    ...present({ engine: host.engine, mounts: host.mounts }),
    address: host.address,
    subnet: subnetText(subnet),
    subnetFile: subnetFileOf(host),
    flanneldPid: flanneld.process.pid,
    flanneldLog: flanneld.logFile,
    ...(docker === undefined ? {} : { dockerSocket: docker.socket }),
    containers,
  }
  return { ...ready, state }
}
