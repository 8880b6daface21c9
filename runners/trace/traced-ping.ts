/** What is to be followed, and the networks it is followed in. */
import type { TapPoint } from '../../checks/model/trace-observation.ts'
import type { Pair } from '../../checks/trace/walk.ts'
import { insideNetwork } from '../hosts/command/inside-network.ts'
import { isHere, type Runner } from '../hosts/command/runner.ts'
import type { TunnelPorts } from '../probe/capture/decoding.ts'
import type { ProbeIdentity } from '../probe/capture/probe-identity.ts'

/** What is to be watched, and with what. */
export interface TracedPing {
  readonly pair: Pair
  readonly probe: ProbeIdentity
  /** The address it is sent from. */
  readonly source: string
  /** The whole IP packet, bytes. */
  readonly size: number
  readonly ports: TunnelPorts
  readonly places: readonly TapPoint[]
  /** Runners of the hosts that have places. */
  readonly runners: ReadonlyMap<string, Runner>
  /** Network namespaces of the ends that are containers, by host and container. */
  readonly namespaces: ReadonlyMap<string, string>
  readonly intrude: boolean
  readonly signal: AbortSignal
}

/** One rung at one host, with what it has to say. */
export interface AtHost<T> {
  readonly host: string
  readonly report: T
}

/** How `namespaces` names a container. */
export function namespaceKey(host: string, container: string): string {
  return `${host}/${container}`
}

/** The runner for the network that has a place; undefined where it cannot be entered. */
export function runnerAt(
  { runners, namespaces }: TracedPing,
  { host, container }: Pick<TapPoint, 'host' | 'container'>,
): Runner | undefined {
  const runner = runners.get(host)
  if (runner === undefined || container === undefined) return runner
  const path = namespaces.get(namespaceKey(host, container))
  return path === undefined ? undefined : insideNetwork(runner, { path })
}

/** Namespaces of this machine share its kernel: one watch is enough for them all. */
export function onePerKernel(runners: readonly Runner[]): readonly Runner[] {
  return runners.filter((runner) => !isHere(runner) || runner === runners.find(isHere))
}

/** The runners of both ends, one for two ends on one host. */
export function endRunners({ pair, runners }: TracedPing): readonly Runner[] {
  return [...new Set([runners.get(pair.from.host), runners.get(pair.to.host)])].filter(
    (one) => one !== undefined,
  )
}

/** Both ends' networks, and those of their containers: a container may have rules of its own. */
export function ruledNetworks(traced: TracedPing): readonly AtHost<Runner>[] {
  const { from, to } = traced.pair
  const networks = [from, to].flatMap((end) => [
    { host: end.host, report: traced.runners.get(end.host) },
    ...(end.container === undefined
      ? []
      : [{ host: namespaceKey(end.host, end.container), report: runnerAt(traced, end) }]),
  ])
  const known = networks.filter((one): one is AtHost<Runner> => one.report !== undefined)
  return [...new Map(known.map((one) => [one.host, one])).values()]
}
