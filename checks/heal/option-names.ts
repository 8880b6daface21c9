/** Names of flannel's options that a key nearly is: another level, or more or fewer letters at the end. */

import type { NetworkConfig } from '../model/network-config.ts'

const TOP = [
  ...['Network', 'SubnetMin', 'SubnetMax', 'SubnetLen', 'Backend'],
  ...['EnableIPv4', 'EnableIPv6', 'EnableNFTables'],
  ...['IPv6Network', 'IPv6SubnetMin', 'IPv6SubnetMax', 'IPv6SubnetLen'],
]
const INSIDE = [
  'Type',
  'VNI',
  'Port',
  'MTU',
  'GBP',
  'Learning',
  'DirectRouting',
  'MacPrefix',
  'PSK',
  'Mode',
  'ListenPort',
]
/** Letters that two names must share at least. */
const LEAST_SHARED = 3

/** How an option is written among keys: names match without regard to case, as in Go. */
export function writtenName(keys: Iterable<string>, name: string): string | undefined {
  return [...keys].find((key) => key.toLowerCase() === name.toLowerCase())
}

interface Place {
  readonly level: 'top' | 'backend'
  readonly name: string
}

function isNear(key: string, name: string): boolean {
  const [a, b] = [key.toLowerCase(), name.toLowerCase()]
  return a === b || (Math.min(a.length, b.length) >= LEAST_SHARED && (a.startsWith(b) || b.startsWith(a)))
}

/** The one option that a name is meant to be; undefined where several or none are near. */
function meant(name: string): Place | undefined {
  const near = [
    ...TOP.map((option): Place => ({ level: 'top', name: option })),
    ...INSIDE.map((option): Place => ({ level: 'backend', name: option })),
  ].filter((option) => isNear(name, option.name))
  const exact = near.filter((option) => option.name.toLowerCase() === name.toLowerCase())
  const [only, ...others] = exact.length > 0 ? exact : near
  return others.length === 0 ? only : undefined
}

type Options = Map<string, unknown>

function optionsOf(value: unknown): Options {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

const WITHIN = 'Backend.'

/** Moves one key to where it is meant to be; false where that is not known or taken. */
function moved(key: string, levels: Readonly<Record<Place['level'], Options>>): boolean {
  const [name, from] = key.startsWith(WITHIN) ? [key.slice(WITHIN.length), levels.backend] : [key, levels.top]
  const option = meant(name)
  if (
    option === undefined ||
    !from.has(name) ||
    writtenName(levels[option.level].keys(), option.name) !== undefined
  )
    return false
  levels[option.level].set(option.name, from.get(name))
  return from.delete(name)
}

/** The text with every one of `keys` under the name and at the place of the option that it is meant to be; undefined where one is not known. */
export function withOptionNames({ text }: NetworkConfig, keys: readonly string[]): string | undefined {
  const top = optionsOf(JSON.parse(text))
  const written = writtenName(top.keys(), 'Backend') ?? 'Backend'
  const backend = optionsOf(top.get(written))
  if (!keys.every((key) => moved(key, { top, backend }))) return undefined
  if (backend.size > 0) top.set(written, Object.fromEntries(backend))
  return JSON.stringify(Object.fromEntries(top))
}
