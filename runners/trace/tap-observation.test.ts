import test from 'ava'
import type { TapPoint } from '../../checks/model/trace-observation.ts'
import type { Sighting } from '../probe/capture/sighting.ts'
import { tapObservation } from './tap-observation.ts'

const plain: Sighting = {
  probe: 7,
  part: 'request',
  sequence: 1,
  at: 1000,
  source: '10.5.1.2',
  destination: '10.5.2.2',
  ttl: 62,
  length: 84,
}
const envelope = {
  source: '192.0.2.11',
  destination: '10.5.2.2',
  sourcePort: 8285,
  destinationPort: 80,
  ttl: 63,
}
const seenAt = (place: Omit<TapPoint, 'host'>, sighting: Sighting): number =>
  tapObservation({ host: 'h2', ...place }, { sightings: [sighting] }).sightings.length

for (const [name, place, count] of [
  ['the underlay', { link: 'eth0', stage: 'underlay' }, 1],
  ['the bridge', { link: 'docker0', stage: 'bridge-in' }, 0],
  ['the container', { link: 'eth0', stage: 'target', container: 'h2c1' }, 0],
] as const)
  test(`a ping is seen on ${name}: by itself once, inside the tunnel's packet ${count} times`, (t) => {
    t.is(seenAt(place, plain), 1)
    t.is(seenAt(place, { ...plain, envelope }), count)
  })
