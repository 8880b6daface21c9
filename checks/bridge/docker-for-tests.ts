/** dockerd on h1 of a built cluster, as the collector reads it. */
import { withHost } from '../../fixtures/build.ts'
import type { Docker, DockerNetwork } from '../model/container-bridge.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/** 10.2.1.0/24, the subnet of h1. */
export const OWN_SUBNET = { address: 0x0a020100, length: 24 }

/** The same cluster with dockerd on h1: default network on docker0 in the own subnet unless told otherwise. */
export function withDocker(
  cluster: ClusterSnapshot,
  settings: Partial<Docker> = {},
  network: Partial<DockerNetwork> = {},
): ClusterSnapshot {
  const bridge = { name: 'bridge', id: 'b0', bridge: 'docker0', subnets: [OWN_SUBNET], mtu: 1450, ...network }
  const docker = { running: true, argv: ['dockerd'], daemonJson: {}, networks: [bridge], ...settings }
  return withHost(cluster, 'h1', () => ({ docker }))
}
