/** The same reason for doubt at many places is told once. */

export interface PlaceReason {
  /** A host or an end of a path. */
  readonly place: string
  readonly says: string
}

/** What is said of a host that gave nothing: why stands once in the report, with the host. */
export const NOT_READ = 'not read'

/** Places that are named for one reason; more are counted. */
const NAMED = 3
/** Characters by which reasons are told apart. */
const KIND_LENGTH = 500
const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g
const WORD = /[\w.-]+/g

function withPlaces(places: readonly string[], says: string): string {
  const rest = places.length - NAMED
  return `${places.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}: ${says}`
}

/** `h1, h2, h3 and 197 more: kernel timed-out`, reasons behind each other. */
export function reasonsByPlace(all: readonly PlaceReason[]): string {
  const reasons = [...Map.groupBy(all, ({ says }) => says)].map(([says, alike]) =>
    withPlaces(
      alike.map(({ place }) => place),
      says,
    ),
  )
  return reasons.join('; ')
}

/** A reason without what differs between hosts: their addresses and names. */
export function kindOfReason(reason: string, isName: (word: string) => boolean): string {
  return reason
    .slice(0, KIND_LENGTH)
    .replace(ADDRESS, 'ADDRESS')
    .replace(WORD, (word) => (isName(word) ? 'HOST' : word))
}

/** Reasons behind each other; those that differ in the host alone are one, with the hosts. */
export function reasonsOnce(reasons: readonly string[], hosts: { has(name: string): boolean }): string {
  const isHost = (word: string): boolean => hosts.has(word)
  const kinds = Map.groupBy(new Set(reasons), (reason) => kindOfReason(reason, isHost))
  const once = [...kinds].map(([kind, alike]) => {
    const places = new Set(alike.flatMap((reason) => reason.match(WORD)?.find(isHost) ?? []))
    return alike.length > 1 && places.size > 0
      ? withPlaces([...places], kind.replace(/^HOST: /, ''))
      : alike.join('; ')
  })
  return once.join('; ')
}
