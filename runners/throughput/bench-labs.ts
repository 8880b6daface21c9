/** The same measurement in a lab of each backend, one after another on this machine. */
import {
  type BackendOrder,
  isMeasured,
  type Measured,
  type NetworkFigures,
} from '../../reports/throughput/throughput.ts'
import { loadInventory } from '../inventory/inventory.ts'
import { withLab } from '../lab/build/up.ts'
import { LabError } from '../lab/lab-error.ts'
import type { LabBackend } from '../lab/plan/plan-config.ts'
import { benchNetwork } from './bench-network.ts'
import type { BenchSettings } from './measure-pair.ts'
import { mean } from './tcp-figures.ts'

/**
 * Fastest first: host-gw only routes, vxlan adds a header in the kernel (50 bytes), and udp copies every packet
 * through flanneld (flannel `Documentation/backends.md`).
 */
export const BACKEND_ORDER: readonly LabBackend[] = ['host-gw', 'vxlan', 'udp']

/** Measures between the two hosts of a lab that is raised for it and removed; a lab there cannot be is a problem. */
export async function benchLab(backend: LabBackend, settings: BenchSettings): Promise<NetworkFigures> {
  const { signal, say } = settings
  try {
    return await withLab(
      { hosts: 2, backend, signal, log: say },
      async ({ inventory, flanneld: { version } }) => {
        const figures = await benchNetwork(await loadInventory(inventory), [], settings)
        return { ...figures, lab: { flanneld: version } }
      },
    )
  } catch (error) {
    if (!(error instanceof LabError)) throw error
    const problem = error.problem === 'missing' ? error.message : `lab with ${backend}: ${error.message}`
    return { backend, pairs: [], problem }
  }
}

/** Mbit/s of every round through the overlay, both directions. */
function overlayRounds(network: NetworkFigures | undefined): readonly number[] {
  const ways = network?.pairs.flatMap((pair) => pair.ways).filter(({ way }) => way === 'overlay') ?? []
  const directions = ways.flatMap(({ forward, reverse }) => [forward, reverse])
  return directions.flatMap((figures) => (isMeasured(figures) ? figures.rounds : []))
}

/** `host-gw and vxlan` for neighbours of which a round of the second was faster than one of the first. */
function overlapsOf(
  expected: readonly LabBackend[],
  rounds: readonly (readonly number[])[],
): readonly string[] {
  return expected.slice(1).flatMap((slower, at) => {
    const [fast = [], slow = []] = rounds.slice(at, at + 2)
    return Math.max(...slow) > Math.min(...fast) ? [`${expected[at]} and ${slower}`] : []
  })
}

/** How the backends that were asked for compare, in the order that is expected of them. */
export function backendOrder(
  asked: readonly LabBackend[],
  networks: readonly NetworkFigures[],
): BackendOrder {
  const expected = BACKEND_ORDER.filter((backend) => asked.includes(backend))
  const measured = expected.map((backend) => networks.find((network) => network.backend === backend))
  const rounds = measured.map(overlayRounds)
  const orWhyNot = (values: readonly (number | undefined)[], at: number): Measured<number> =>
    mean(values) ?? { problem: measured[at]?.problem ?? 'it was not measured' }
  const mbits = rounds.map(orWhyNot)
  const ratios = measured.map((network, at) =>
    orWhyNot(network?.pairs.flatMap(({ ratio: { forward, reverse } }) => [forward, reverse]) ?? [], at),
  )
  const known = mbits.filter((each) => isMeasured(each))
  const holds = known.every((each, at) => at === 0 || each < (known[at - 1] ?? 0))
  return {
    expected,
    mbits,
    ratios,
    overlaps: overlapsOf(expected, rounds),
    ...(known.length === mbits.length && { holds }),
  }
}
