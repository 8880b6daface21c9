/** The names and addresses of a lab that random changes are made of. */
import { knownValue } from '../../../checks/expected/observed-host.ts'
import { formatAddress, formatPrefix, maskPrefix, networkAddress } from '../../../checks/model/address.ts'
import type { Container } from '../../../checks/model/container-bridge.ts'
import type { Link } from '../../../checks/model/link.ts'
import type { ClusterSnapshot } from '../../../checks/model/snapshot.ts'
import type { LabState } from '../../lab/running/state.ts'
import type { Scene } from './change.ts'

function leaseAt({ datastore }: ClusterSnapshot, address: string) {
  return knownValue(datastore.leases)?.leases.find(({ publicIp }) => formatAddress(publicIp) === address)
}

/** One host of the lab with its lease and its container. Throws where it has none. */
function hostOf(lab: LabState, snapshot: ClusterSnapshot, name: string) {
  const address = lab.hosts.find((host) => host.name === name)?.address ?? ''
  const lease = leaseAt(snapshot, address)
  const facts = snapshot.hosts.get(name)?.facts
  const container = facts && knownValue(facts.containers)?.[0]
  if (!lease || !container) throw new Error(`${name} has no lease or no container`)
  return { address, lease, ...attachmentOf(container, knownValue(facts.links) ?? []) }
}

function attachmentOf({ links: [link], addresses, gateway = '' }: Container, links: readonly Link[]) {
  const port = links.find(({ index }) => index === link?.peerIndex)
  const own = addresses.find(({ family }) => family === 'inet')?.address ?? ''
  const gatewayMac = links.find(({ name }) => name === port?.master)?.mac ?? ''
  return { port: port?.name ?? '', own, mac: link?.mac ?? '', gateway, gatewayMac }
}

/** h2 is changed, h1 is its peer. */
export function sceneOf(lab: LabState, snapshot: ClusterSnapshot): Scene {
  const [peer, own] = [hostOf(lab, snapshot, 'h1'), hostOf(lab, snapshot, 'h2')]
  const config = knownValue(snapshot.datastore.config)
  return {
    own: own.own,
    peer: peer.own,
    ownSubnet: formatPrefix(maskPrefix(own.lease.subnet)),
    peerSubnet: formatPrefix(maskPrefix(peer.lease.subnet)),
    network: config ? formatPrefix(maskPrefix(config.network)) : '',
    ownPublic: own.address,
    peerPublic: peer.address,
    port: own.port,
    vtep: formatAddress(networkAddress(peer.lease.subnet)),
    vtepMac: peer.lease.vtepMac ?? '',
    ownMac: own.mac,
    gateway: own.gateway,
    gatewayMac: own.gatewayMac,
  }
}
