/** Where a kernel dropped a packet, by the taps that saw it before. */
import type { KernelDrop } from '../../model/trace-observation.ts'

/** What a tap saw, as far as it is needed to place a drop. */
export interface PlacedSighting {
  readonly host: string
  readonly link: string
  readonly at: number
}

/**
 * Where a drop happened: behind the last tap that saw the probe before it. On a kernel that several hosts share
 * (namespaces) neither tracefs nor a link's name tells the host, the time does. Undefined when the clocks
 * do not compare or no tap saw the probe; a kernel with one host needs no placing.
 */
export function placeDrop<S extends PlacedSighting>(
  drop: KernelDrop,
  sightings: readonly S[],
): S | undefined {
  if (!drop.exact) return undefined
  return sightings
    .filter(({ at }) => at <= drop.at)
    .toSorted((a, b) => a.at - b.at)
    .at(-1)
}
