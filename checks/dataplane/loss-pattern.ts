/**
 * Which pings of the matrix fail and what that points to. The order is from the outside in:
 * the underlay, the tunnel, then the last leg on either host.
 */
import type { PingPattern } from '../model/observation.ts'
import { endName } from '../model/path.ts'
import { type HostPair, overlayStates, type PathState, type PathStates, smallStates } from './host-pairs.ts'

/** What a pattern of losses means for a sender A and a receiver B. */
interface Meaning {
  readonly fits: (states: PathStates, reverse: PathStates) => boolean
  readonly says: (a: string, b: string) => string
  readonly suspects: (a: string, b: string) => string
}

/** A pattern read: from whom to whom it is described, and in words. */
export interface LossPattern {
  readonly from: string
  readonly to: string
  readonly says: string
  readonly suspects: string
}

const OVERLAY: readonly PingPattern[] = ['hd', 'cd', 'hc', 'cc']

/** True when each of the patterns that were sent ended so, and at least one was sent. */
function all(states: PathStates, patterns: readonly PingPattern[], state: PathState): boolean {
  const sent = patterns.flatMap((pattern) => states[pattern] ?? [])
  return sent.length > 0 && sent.every((ended) => ended === state)
}

const MEANINGS: readonly Meaning[] = [
  {
    fits: (states) => states.hu === 'lost' && all(states, OVERLAY, 'lost'),
    says: (a, b) => `${a} does not reach the public IP of ${b} either`,
    suspects: (a, b) =>
      `the underlay between ${a} and ${b}: link, address, routes and firewalls of the network between the hosts`,
  },
  {
    fits: (states) => all(states, OVERLAY, 'lost'),
    says: (a, b) => `the underlay answers from ${a} to ${b}, nothing passes through the overlay`,
    suspects: () =>
      'a firewall between the hosts that drops the encapsulated packets (UDP 8472 for vxlan, 8285 for udp) or, with host-gw, container addresses; the port, VNI and VTEP of both hosts',
  },
  {
    fits: (states, reverse) =>
      all(states, ['hc', 'cc'], 'lost') && all(states, ['hd'], 'ok') && all(reverse, ['cc'], 'ok'),
    says: (a, b) => `${b} itself answers ${a}, its containers do not, yet they reach ${a}`,
    suspects: (_, b) => `a stateful filter on ${b}, above all the FORWARD policy that Docker sets to DROP`,
  },
  {
    fits: (states) => all(states, ['hc', 'cc'], 'lost') && all(states, ['hd'], 'ok'),
    says: (a, b) => `${b} itself answers ${a}, its containers do not`,
    suspects: (_, b) =>
      `the last leg on ${b}: forwarding switches, FORWARD rules, a second bridge with the same subnet, the container bridge and its ports, the container's own firewall and default route`,
  },
  {
    fits: (states) => all(states, ['cd', 'cc'], 'lost') && all(states, ['hd', 'hc'], 'ok'),
    says: (a, b) => `${a} itself reaches everything on ${b}, its containers reach nothing`,
    suspects: (a, b) =>
      `the way of container packets into the tunnel on ${a}: policy rules, FORWARD rules, masquerading, the container's default route; with host-gw a missing route on ${b}`,
  },
  {
    fits: (states) => states.cc === 'lost' && all(states, ['hd', 'cd', 'hc'], 'ok'),
    says: (a, b) => `only container to container from ${a} to ${b} is lost`,
    suspects: (a, b) =>
      `a filter on ${b} that matches the container addresses of ${a}, or the one container on ${a}`,
  },
]

/** Of pings that go the same way some were answered. */
const CHANCE: Omit<Meaning, 'fits'> = {
  says: () => 'some of the same kind are answered, so that it is chance which of them are lost',
  suspects: (a, b) =>
    `loss on the way between ${a} and ${b}: errors and drops of links (\`ip -s link\`), a policer or a full queue, a rule that drops by chance, a busy flanneld (udp)`,
}

const UNKNOWN: Omit<Meaning, 'fits'> = {
  says: () => 'the losses fit no known pattern',
  suspects: (a, b) => `filters and routes on ${a} and ${b} that treat some senders or receivers differently`,
}

/** What the losses of a pair point to: the direction whose pattern lies farthest out, and its meaning. */
export function lossPattern({ a, b, forth, back }: HostPair): LossPattern {
  const [there, home] = [smallStates(forth), smallStates(back)]
  for (const { fits, says, suspects } of MEANINGS) {
    if (fits(there, home)) return { from: a, to: b, says: says(a, b), suspects: suspects(a, b) }
    if (fits(home, there)) return { from: b, to: a, says: says(b, a), suspects: suspects(b, a) }
  }
  const { says, suspects } = overlayStates([there, home]).includes('partly') ? CHANCE : UNKNOWN
  return { from: a, to: b, says: says(a, b), suspects: suspects(a, b) }
}

/** What of a host is pinged, where it is no container. */
const TARGETS: Readonly<Partial<Record<PingPattern, string>>> = {
  hu: ' (its public IP)',
  hv: ' (its flannel link)',
  hd: ' (its bridge)',
  cd: ' (its bridge)',
}

/** The pings of some pairs that ended so, in words: `h1 → h2/c2`; the first few. */
export function pathsText(pairs: readonly HostPair[], state: PathState, patterns = OVERLAY): string {
  const ended = pairs.flatMap(({ forth, back }) =>
    [forth, back].flatMap((pings) => {
      const states = smallStates(pings)
      return pings.filter(
        ({ full, pattern }) => !full && patterns.includes(pattern) && states[pattern] === state,
      )
    }),
  )
  const shown = ended
    .slice(0, 8)
    .map(({ from, to, pattern }) => `${endName(from)} → ${endName(to)}${TARGETS[pattern] ?? ''}`)
  return [...shown, ...(ended.length > shown.length ? [`and ${ended.length - shown.length} more`] : [])].join(
    ', ',
  )
}
