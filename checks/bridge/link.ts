/**
 * flannel leaves the last hop to the container bridge: docker0, which dockerd makes (moby
 * `libnetwork/drivers/bridge/setup_device.go`), or cni0 of the flannel CNI plugin. flanneld only
 * publishes the subnet for it (`pkg/subnet/subnet.go`, `WriteSubnetFile`). The route of the own
 * subnet belongs to the bridge and goes with it.
 */

import { defineHostCheck } from '../define.ts'
import { dockerBridgeName, portsOf, subnetBridge } from '../expected/bridge-link.ts'
import { type Attachment, attachments, detachedFrom } from '../expected/bridge-port.ts'
import { RESTART_DOCKER, run } from '../heal/steps.ts'
import { formatPrefix, maskPrefix } from '../model/address.ts'
import { type Cni, chosenConfig } from '../model/cni.ts'
import { isUp } from '../model/link.ts'
import { named } from '../model/named.ts'
import type { ClusterSnapshot, Fact } from '../model/snapshot.ts'

const explains = [
  { code: 'route/own-subnet:missing', when: 'same-host' },
  { code: 'bridge/address:missing', when: 'same-host' },
  { code: 'bridge/port:*', when: 'same-host' },
  { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
] as const

/** Where no Docker makes the bridge: the link, its address, and what hung on it. */
function made(link: string, ports: readonly Attachment[], address: string) {
  return {
    steps: [
      run('ip link add name {link} type bridge', 'the bridge is there', 'ip link del {link}'),
      run('ip addr replace {address} brd + dev {link}', 'it has the address of the lease'),
      run('ip link set {link} up', 'it is up'),
      ...ports.map((_, at) =>
        run(`ip link set {port${at}} master {link} up`, 'its container is on it again'),
      ),
    ],
    data: { link, address, ...Object.fromEntries(ports.map(({ port }, at) => [`port${at}`, port.name])) },
  }
}

/** What the bridge of pods is called unless the CNI configuration says another name (flannel-io/cni-plugin `flannel_linux.go`). */
const POD_BRIDGE = 'cni0'

/** The bridge that containers of a host without Docker are put on. */
function bridgeName({ kubernetes }: ClusterSnapshot['datastore'], cni: Fact<Cni> | undefined): string {
  if (!kubernetes.known) return 'docker0'
  const plugins = (cni?.known ? chosenConfig(cni.value)?.plugins : undefined) ?? []
  return plugins.flatMap(({ bridge, delegate }) => delegate?.bridge ?? bridge ?? [])[0] ?? POD_BRIDGE
}

/** The bridge that containers hung on, where no Docker says which. */
function* lost(name: string, detached: readonly Attachment[], address: string) {
  const [first] = detached
  if (first === undefined) return
  const observed = `container ${first.container.name} has an address of the subnet and ${first.port.name} is a port of nothing`
  const { steps: heal, data } = made(name, detached, address)
  yield { code: 'missing', object: named('link', name), observed, heal, data } as const
}

export const check = defineHostCheck({
  id: 'bridge/link',
  title: 'Container bridge',
  backends: 'any',
  needs: ['links', 'addresses', 'docker', 'containers'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the container bridge of {host} does not exist: {observed}',
      fix: 'Restart what makes the bridge (`systemctl restart docker` for docker0) and the containers on it.',
      withPods: {
        fix: 'Create the pods of {host} again: the CNI plugin makes the bridge with the next one.',
      },
      heal: [RESTART_DOCKER],
      explains,
    },
    down: {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'the container bridge {link} of {host} is set down',
      fix: '`ip link set {link} up` on {host}.',
      heal: [run('ip link set {link} up', 'the bridge is up', 'ip link set {link} down')],
      explains,
    },
  },
  *evaluate({ host, facts, expected, cluster: { snapshot } }) {
    const { links, addresses, docker, containers } = facts
    const subnet = maskPrefix(expected.lease.subnet)
    const wanted = docker.running ? dockerBridgeName(docker) : undefined
    if (wanted !== undefined && !links.some(({ name }) => name === wanted)) {
      yield {
        code: 'missing',
        object: named('link', wanted),
        observed: `Docker's default network has no link ${wanted}`,
      }
    }
    const bridge = subnetBridge({ links, addresses, docker, subnet })
    if (bridge === undefined) {
      if (wanted !== undefined) return
      const name = bridgeName(snapshot.datastore, snapshot.hosts.get(host)?.facts.cni)
      const detached = detachedFrom(subnet, attachments(links, containers), addresses)
      return yield* lost(name, detached, formatPrefix(expected.subnetEnv.subnet))
    }
    const isUsed = docker.running || portsOf(links, bridge).length > 0
    if (isUsed && !isUp(bridge)) {
      const observed = `flags ${bridge.flags.join(',')}`
      yield {
        code: 'down',
        object: named('link', bridge.name),
        expected: 'UP',
        observed,
        data: { link: bridge.name },
      }
    }
  },
})
