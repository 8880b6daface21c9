/** The same reason for doubt at many places is told once. */

export interface PlaceReason {
  /** A host or an end of a path. */
  readonly place: string
  readonly says: string
}

/** Places that are named for one reason; more are counted. */
const NAMED = 3

/** `h1, h2, h3 and 197 more: kernel timed-out`, reasons behind each other. */
export function reasonsByPlace(all: readonly PlaceReason[]): string {
  const reasons = [...Map.groupBy(all, ({ says }) => says)].map(([says, alike]) => {
    const places = alike.map(({ place }) => place)
    const rest = places.length - NAMED
    return `${places.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: ${says}`
  })
  return reasons.join('; ')
}
