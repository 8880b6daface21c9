/**
 * A recording that two labs of the same settings give alike: what the kernel picks at random gets names by whose it is,
 * what moves by itself stands still. Every relation stays: the same MAC has the same name in every table of every host.
 */

import { present } from '../../../checks/model/present.ts'
import type { SavedHost, SavedState } from '../../collect/saved/saved-state.ts'
import { STATE_SCHEMA_VERSION } from '../../collect/saved/state-meta.ts'
import { entryLines } from '../../collect/saved/state-texts.ts'
import type { Section } from '../../collect/section/section.ts'
import type { CollectedCluster, CollectedHost } from '../../run/collecting/collect-cluster.ts'
import type { LabState } from '../running/state.ts'
import { cniNames } from './cni-names.ts'
import { macNames, type Names } from './mac-names.ts'
import { leaseNames, linkLocalNames, pidNames } from './other-names.ts'
import { stillJson } from './still-json.ts'
import { stillReading } from './still-reading.ts'
import { CLOCK, type StillWords, stillText } from './still-text.ts'

/** What is recorded: a lab as it is now, beside what it was before it was broken. */
export interface Recorded {
  readonly lab: Pick<LabState, 'name' | 'token' | 'directory' | 'flanneld'>
  readonly healthy: CollectedCluster
  readonly now: CollectedCluster
  /** True for a MAC that the fault chose. */
  readonly isChosen: (mac: string) => boolean
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Letters of which a name has some at neither end, so that it is no part of a longer one. */
const EDGES = { address: '[\\w:]', word: '\\w' } as const

/** Replaces whole names, in any case of letters. */
function renamer(names: Names, edge: keyof typeof EDGES): (text: string) => string {
  if (names.size === 0) return (text) => text
  const longestFirst = [...names.keys()].toSorted((a, b) => b.length - a.length)
  const any = new RegExp(
    `(?<!${EDGES[edge]})(?:${longestFirst.map(escaped).join('|')})(?!${EDGES[edge]})`,
    'gi',
  )
  return (text) => text.replaceAll(any, (found) => names.get(found.toLowerCase()) ?? found)
}

/** Names of the lab itself: namespaces, its folder, and where its flanneld lies. */
function labWords({ name, token, directory, flanneld }: Recorded['lab']): (text: string) => string {
  const folder = directory.replace(new RegExp(`${escaped(name)}$`), 'lab')
  return (text) =>
    text
      .replaceAll(directory, folder)
      .replaceAll(`fd-${token}`, 'fd-lab')
      .replaceAll(flanneld.path, '/opt/flannel/flanneld')
}

type Still = (fact: string, text: string, words: StillWords) => string

function stillSection(section: Section, still: (fact: string, text: string) => string): Section {
  const { name, command, stderr } = section
  const quiet = (text: string): string => still('', text)
  return {
    ...section,
    command: quiet(command),
    stderr: quiet(stderr),
    stdout: still(name, section.stdout),
    ms: 0,
  }
}

/** JSON, where a text or a line of it is some; undefined for any other. */
function json(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The parts of a section: a JSON text as a whole, else JSON only where it fills a line. */
function stillParts(fact: string, text: string): string {
  const whole = json(text)
  if (whole !== undefined) return entryLines(stillJson(fact, whole))
  const lines = text.split('\n').map((line) => {
    const value = json(line)
    return value === undefined ? line : JSON.stringify(stillJson(fact, value))
  })
  return lines.join('\n')
}

function wordsFor(host: CollectedHost, rest: Omit<StillWords, 'clock'>): StillWords {
  const { kernel } = host.snapshot.facts
  const clock = (kernel.known ? kernel.value.clockSeconds : undefined) ?? rest.lookedAt
  return { clock, ...rest }
}

const CERTIFICATE = '-----BEGIN CERTIFICATE-----'

/** What the clock shows. Certificates are signed, their dates cannot be moved: beside them it shows what it did. */
function shownClock({ hosts, reading }: CollectedCluster): number {
  const isSigned = hosts.some(({ collected }) =>
    collected.sections.some(({ stdout }) => stdout.includes(CERTIFICATE)),
  )
  return isSigned ? Math.floor(reading.at / 1000) : CLOCK
}

function stillHost(host: CollectedHost, words: StillWords, still: Still): SavedHost {
  const { target, settings, collected, snapshot } = host
  const quiet = (value: unknown): unknown => JSON.parse(still('', JSON.stringify(value), words))
  const { unreachable } = snapshot
  const saved = {
    name: target.name,
    via: target.via,
    settings,
    ...present({ unreachable }),
  }
  const sections = collected.sections.map((section) =>
    stillSection(section, (fact, text) => still(fact, text, words)),
  )
  return { ...(quiet(saved) as Omit<SavedHost, 'sections'>), sections }
}

/** The state to save. */
export function stillState({ lab, healthy, now, isChosen }: Recorded): SavedState {
  const looks = [healthy, now]
  const macs = macNames(looks, isChosen)
  const names = new Map([...macs, ...linkLocalNames(looks, macs), ...leaseNames(looks)])
  const [addresses, words] = [renamer(names, 'address'), renamer(cniNames(looks), 'word')]
  const rename = (text: string): string => words(addresses(text))
  const [place, pids] = [labWords(lab), pidNames(looks)]
  // Names come before the order of hashed tables, which is by text.
  const still: Still = (fact, text, words) => stillParts(fact, stillText(fact, rename(place(text)), words))
  const shown = shownClock(now)
  const reading = stillReading(now.reading, healthy.reading, shown)
  const datastore: unknown = JSON.parse(rename(place(JSON.stringify(reading))))
  const hosts = now.hosts.map((host) =>
    stillHost(host, wordsFor(host, { pids, shown, lookedAt: now.reading.at / 1000 }), still),
  )
  const meta = {
    schemaVersion: STATE_SCHEMA_VERSION,
    kind: 'recorded',
    tool: 'flannel-doctor',
    at: new Date(shown * 1000).toISOString(),
    hosts: hosts.map(({ sections: _, ...host }) => host),
    complete: now.snapshot.complete,
  } as const
  return { meta, hosts, datastore }
}
