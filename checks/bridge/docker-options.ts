/**
 * mk-docker-opts.sh turns subnet.env into dockerd's options: --bip=FLANNEL_SUBNET,
 * --mtu=FLANNEL_MTU, and --ip-masq as the opposite of FLANNEL_IPMASQ (flannel
 * `dist/mk-docker-opts.sh`). dockerd reads them at its start only. Where subnet.env was missing
 * then, the script gives empty options and Docker takes 172.17.0.0/16. dockerd refuses an option
 * given both as a flag and in daemon.json, even with one value (moby `daemon/config`,
 * `findConfigurationConflicts`), and a --bip whose address is that of the network.
 */

import type { Draft } from '../check.ts'
import { defineHostCheck } from '../define.ts'
import { dockerBridgeName, subnetBridge } from '../expected/bridge-link.ts'
import { DEFAULT_BRIDGE, dockerOption, isNetworkAddress, optionsSetTwice } from '../expected/docker-option.ts'
import type { ExpectedHost } from '../expected/expected.ts'
import { dockerWithOptions, withoutFileOptions } from '../heal/docker-start.ts'
import { containsAddress, formatPrefix, maskPrefix, parsePrefix, samePrefix } from '../model/address.ts'
import type { Docker, DockerNetwork } from '../model/container-bridge.ts'
import { named } from '../model/named.ts'

/** Docker's MTU for containers when nothing sets one (moby `daemon/config`, `DefaultNetworkMtu`). */
const DOCKER_DEFAULT_MTU = 1500

function defaultNetwork(docker: Docker): DockerNetwork | undefined {
  return docker.networks.find(({ bridge }) => bridge === dockerBridgeName(docker))
}

/** What gives Docker another subnet than the lease's, in words; undefined when nothing does. */
function otherSubnet(docker: Docker, { lease }: ExpectedHost): string | undefined {
  const bip = dockerOption(docker, 'bip')
  const parsed = bip === undefined ? undefined : parsePrefix(bip)
  if (bip !== undefined) {
    const isSame = parsed?.length === lease.subnet.length && containsAddress(lease.subnet, parsed.address)
    return isSame ? undefined : `--bip=${bip}`
  }
  const subnets = defaultNetwork(docker)?.subnets ?? []
  if (subnets.length === 0 || subnets.some((subnet) => samePrefix(subnet, lease.subnet))) return undefined
  return `no --bip, default network ${subnets.map(formatPrefix).join(', ')}`
}

function containerMtu(docker: Docker): number {
  return defaultNetwork(docker)?.mtu ?? Number(dockerOption(docker, 'mtu') ?? DOCKER_DEFAULT_MTU)
}

function isMasquerading(docker: Docker): boolean {
  return defaultNetwork(docker)?.ipMasquerade ?? dockerOption(docker, 'ip-masq') !== 'false'
}

/** An option that stands in both keeps dockerd from starting. */
const OF_DAEMON_JSON =
  'bip stands in daemon.json (/etc/docker/daemon.json, or what --config-file names): take it out there, then pass --bip={expected} as mk-docker-opts.sh writes it and restart Docker (not reload) and its containers; dockerd refuses what stands in both.'

export const check = defineHostCheck({
  id: 'bridge/docker-options',
  title: 'Options of dockerd',
  backends: 'any',
  needs: ['docker', 'links', 'addresses'],
  needsExpected: true,
  findings: {
    'bip-differs': {
      severity: 'critical',
      effect: 'loss',
      confidence: 'certain',
      says: 'dockerd on {host} runs with {observed}, but the lease of the host asks for --bip={expected}',
      fix: 'Run mk-docker-opts.sh after flanneld, pass its result to dockerd, and restart Docker (not reload) and its containers.',
      explains: [
        { code: 'bridge/address:wrong-subnet', when: 'same-host' },
        { code: 'bridge/container-address:outside-subnet', when: 'same-host' },
        { code: 'route/own-subnet:missing', when: 'same-host' },
        { code: 'bridge/docker-options:mtu-differs', when: 'same-host' },
      ],
    },
    'set-twice': {
      severity: 'warning',
      confidence: 'certain',
      says: 'daemon.json on {host} and the flags of dockerd both set {options}: dockerd will refuse its next start',
      fix: 'Take {options} out of daemon.json (the flags follow the lease through mk-docker-opts.sh), then restart Docker when it suits.',
    },
    'bip-is-network': {
      severity: 'warning',
      confidence: 'certain',
      says: 'dockerd on {host} is told --bip={observed}, the address of the network itself: it will refuse its next start',
      fix: 'Use FLANNEL_SUBNET of subnet.env, {expected}: the first address of the subnet, not the subnet.',
    },
    'mtu-differs': {
      severity: 'warning',
      confidence: 'certain',
      says: 'dockerd on {host} gives containers MTU {observed}, the overlay carries {expected}',
      fix: 'Start dockerd with --mtu={expected} (from subnet.env), restart it and create the containers again.',
      explains: [
        { code: 'bridge/mtu:too-large', when: 'same-host' },
        { code: 'bridge/container-mtu:too-large', when: 'same-host' },
      ],
    },
    'ip-masq-differs': {
      severity: 'warning',
      confidence: 'likely',
      says: 'dockerd on {host} runs with --ip-masq=false although flanneld runs without -ip-masq: nobody masquerades',
      fix: 'Start dockerd with --ip-masq=true, as mk-docker-opts.sh does, or flanneld with -ip-masq=true.',
      explains: [{ code: 'netfilter/container-masquerade:none', when: 'same-host' }],
    },
  },
  *evaluate({ facts, expected }) {
    const { docker, links, addresses } = facts
    if (!docker.running) return
    yield* refusedOptions(docker, expected.subnetEnv)
    if (docker.apiProblem !== undefined && docker.networks.length === 0) yield { unsure: docker.apiProblem }
    const bridge = subnetBridge({ links, addresses, docker, subnet: maskPrefix(expected.lease.subnet) })
    const wanted = dockerBridgeName(docker) ?? DEFAULT_BRIDGE
    // Another bridge serves the subnet, or dockerd was given a ready-made one: its options are its own affair.
    if (bridge?.name !== wanted || dockerOption(docker, 'bridge') !== undefined) return
    const { subnet } = expected.subnetEnv
    const observed = otherSubnet(docker, expected)
    if (observed !== undefined) {
      yield {
        code: 'bip-differs',
        object: named('option', '--bip'),
        expected: formatPrefix(subnet),
        observed,
        heal: dockerWithOptions(docker, expected.subnetEnv),
        ...('bip' in docker.daemonJson && { fix: OF_DAEMON_JSON }),
      }
    }
    yield* otherOptions(docker, expected.subnetEnv)
  },
})

/** Options with which dockerd does not start; it runs on with those it has. */
function* refusedOptions(
  docker: Docker,
  values: ExpectedHost['subnetEnv'],
): Iterable<Draft<'set-twice' | 'bip-is-network'>> {
  const twice = optionsSetTwice(docker)
  if (twice.length > 0) {
    const options = twice.map((name) => `--${name}`).join(', ')
    const heal = withoutFileOptions(docker, twice)
    yield { code: 'set-twice', object: 'daemon.json', observed: options, data: { options }, heal }
  }
  const bip = parsePrefix(dockerOption(docker, 'bip') ?? '')
  if (bip !== undefined && isNetworkAddress(bip)) {
    yield {
      code: 'bip-is-network',
      object: named('option', '--bip'),
      expected: formatPrefix(values.subnet),
      observed: formatPrefix(bip),
      heal: dockerWithOptions(docker, values),
    }
  }
}

/** Options that degrade traffic but do not stop it. */
function* otherOptions(
  docker: Docker,
  values: ExpectedHost['subnetEnv'],
): Iterable<Draft<'bip-differs' | 'mtu-differs' | 'ip-masq-differs'>> {
  const { mtu, ipMasq } = values
  const given = containerMtu(docker)
  const heal = dockerWithOptions(docker, values)
  if (mtu !== undefined && given > mtu) {
    yield {
      code: 'mtu-differs',
      object: named('option', '--mtu'),
      expected: String(mtu),
      observed: String(given),
      heal,
    }
  }
  if (ipMasq === false && !isMasquerading(docker)) {
    yield {
      code: 'ip-masq-differs',
      object: named('option', '--ip-masq'),
      expected: 'true',
      observed: 'false',
      heal,
    }
  }
}
