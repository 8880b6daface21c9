/** The places of a lab: its hosts, their containers and the switch, and the words that run a command there. */
import { dockerWords } from '../hosts/docker.ts'
import { netnsPrefix } from '../hosts/netns.ts'
import { usage } from './lab-error.ts'

/** A container of a Docker engine that is a host of a lab. */
export interface EngineContainer {
  /** Unix socket of the engine. */
  readonly socket: string
  readonly container: string
}

/** Where a command of a lab runs. */
export interface LabPlace {
  /** Name of a network namespace: of this machine, or of the engine's container. Empty: the container's own. */
  readonly namespace: string
  /** In a docker lab: the container that is the host. */
  readonly engine?: EngineContainer | undefined
  /** In a Kubernetes lab: the process whose mounts the host has. */
  readonly mounts?: number | undefined
}

/** Words that come before a command to run it there. */
export function placePrefix({ namespace, engine, mounts }: LabPlace): readonly string[] {
  if (engine === undefined) return netnsPrefix(namespace, mounts)
  const exec = [...dockerWords(engine.socket), 'exec', '-i', engine.container]
  return namespace === '' ? exec : [...exec, ...netnsPrefix(namespace)]
}

/** A lab that is up or being laid, as far as its places go. */
interface Placed {
  readonly name: string
  readonly switchNamespace: string
  /** In a docker lab: the container of etcd, which is its switch. */
  readonly engine?: EngineContainer | undefined
  readonly hosts: readonly (LabPlace & {
    readonly name: string
    readonly containers: readonly (LabPlace & { readonly name: string })[]
  })[]
}

/** Every place by its name: `h1`, `h1c1`, `switch`. */
function placesOf(lab: Placed): ReadonlyMap<string, LabPlace> {
  const named = lab.hosts.flatMap((host) => [host, ...host.containers])
  return new Map<string, LabPlace>([
    ['switch', { namespace: lab.switchNamespace, engine: lab.engine }],
    ...named.map((place) => [place.name, place] as const),
  ])
}

/** The place of that name, `h1c1` or `h1/h1c1`. Throws LabError for a name the lab does not have. */
export function placeNamed(lab: Placed, name: string): LabPlace {
  const places = placesOf(lab)
  const [first = '', container] = name.split('/')
  const inside = lab.hosts
    .find((host) => host.name === first)
    ?.containers.find((one) => one.name === container)
  const place = places.get(name) ?? inside
  if (place !== undefined) return place
  return usage(`lab ${lab.name} has no ${name}; it has ${[...places.keys()].join(', ')}`)
}
