/** The profiles that a network asks for by its configuration and by what runs in it. */
import { dockerBridgeName } from '../expected/bridge-link.ts'
import { flanneldFor, flanneldOptions } from '../expected/flanneld-options.ts'
import { knownValue } from '../expected/observed-host.ts'
import type { ClusterSnapshot, HostSnapshot } from '../model/snapshot.ts'
import { PROFILES, type Profile } from './clause.ts'

type Applying = (snapshot: ClusterSnapshot) => boolean

const isBackend =
  (profile: Profile): Applying =>
  ({ datastore }) =>
    profile === knownValue(datastore.config)?.backend

const onAnyHost =
  (isThere: (host: HostSnapshot) => boolean): Applying =>
  ({ hosts }) =>
    [...hosts.values()].some(isThere)

function hasLink({ facts }: HostSnapshot, name: string): boolean {
  return (knownValue(facts.links) ?? []).some((link) => link.name === name)
}

function hasDocker(host: HostSnapshot): boolean {
  const docker = knownValue(host.facts.docker)
  return docker?.running === true || hasLink(host, dockerBridgeName(docker) ?? 'docker0')
}

const masquerades: Applying = ({ hosts, datastore }) => {
  const prefix = knownValue(datastore.etcd)?.prefix
  return [...hosts.values()].some(({ facts }) => {
    const flanneld = knownValue(facts.flanneld)
    const daemon = flanneld && flanneldFor(flanneld, prefix)
    return daemon !== undefined && flanneldOptions(daemon).ipMasq
  })
}

const APPLIES: Readonly<Record<Profile, Applying>> = {
  core: () => true,
  vxlan: isBackend('vxlan'),
  'host-gw': isBackend('host-gw'),
  udp: isBackend('udp'),
  'docker-bridge': onAnyHost(hasDocker),
  'cni-bridge': onAnyHost((host) => hasLink(host, 'cni0')),
  kubernetes: ({ datastore }) => datastore.kubernetes.known,
  'ip-masq': masquerades,
  nftables: ({ datastore }) => knownValue(datastore.config)?.enableNftables === true,
  'dual-stack': () => false,
  'lease-lifecycle': () => false,
  resilience: () => false,
}

/** Profiles whose clauses all need an action. */
const BY_ACTION: readonly Profile[] = ['lease-lifecycle', 'resilience']

/**
 * The profiles that apply. Those about actions apply where actions were allowed; dual-stack is
 * claimed only when asked for, as most of it is not judged yet.
 */
export function applyingProfiles(snapshot: ClusterSnapshot, acted: boolean): readonly Profile[] {
  return PROFILES.filter((profile) => APPLIES[profile](snapshot) || (acted && BY_ACTION.includes(profile)))
}
