/** Which subnets of a list share addresses. */
import { lastAddress, networkAddress, overlaps, type Prefix } from '../model/address.ts'

/** Each thing with an earlier one whose subnet it overlaps; in order of address, so one pass is enough. */
export function overlapsOf<T>(
  things: readonly T[],
  subnetOf: (thing: T) => Prefix | undefined,
): readonly (readonly [T, T])[] {
  const ordered = things
    .flatMap((thing) => {
      const subnet = subnetOf(thing)
      return subnet === undefined ? [] : [{ thing, subnet }]
    })
    .sort((a, b) => networkAddress(a.subnet) - networkAddress(b.subnet) || a.subnet.length - b.subnet.length)
  const pairs: [T, T][] = []
  let widest: (typeof ordered)[number] | undefined
  for (const one of ordered) {
    if (widest && overlaps(widest.subnet, one.subnet)) pairs.push([widest.thing, one.thing])
    if (!widest || lastAddress(one.subnet) > lastAddress(widest.subnet)) widest = one
  }
  return pairs
}
