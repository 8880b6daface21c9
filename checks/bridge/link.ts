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
import { isUp } from '../model/link.ts'
import { named } from '../model/named.ts'

const explains = [
  { code: 'route/own-subnet:missing', when: 'same-host' },
  { code: 'bridge/address:missing', when: 'same-host' },
  { code: 'bridge/port:*', when: 'same-host' },
  { code: 'bridge/docker-options:bip-differs', when: 'same-host' },
] as const

/** Where no Docker makes the bridge: the link, its address, and what hung on it. */
function made(ports: readonly Attachment[], address: string) {
  return {
    steps: [
      run('ip link add name docker0 type bridge', 'the bridge is there', 'ip link del docker0'),
      run('ip addr replace {address} brd + dev docker0', 'it has the address of the lease'),
      run('ip link set docker0 up', 'it is up'),
      ...ports.map((_, at) =>
        run(`ip link set {port${at}} master docker0 up`, 'its container is on it again'),
      ),
    ],
    data: { address, ...Object.fromEntries(ports.map(({ port }, at) => [`port${at}`, port.name])) },
  }
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
        heal: [],
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
  *evaluate({ facts, expected }) {
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
      const detached = detachedFrom(subnet, attachments(links, containers), addresses)
      const [first] = detached
      if (first === undefined || wanted !== undefined) return
      const observed = `container ${first.container.name} has an address of the subnet and ${first.port.name} is a port of nothing`
      const { steps: heal, data } = made(detached, formatPrefix(expected.subnetEnv.subnet))
      yield { code: 'missing', object: named('link', 'docker0'), observed, heal, data }
      return
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
