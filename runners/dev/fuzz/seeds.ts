/** Good inputs to start from. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FIXTURES = fileURLToPath(new URL('../../../fixtures/', import.meta.url))

/** One reader of what others wrote. */
export interface FuzzTarget {
  readonly name: string
  readonly seeds: () => readonly Uint8Array[]
  /** Throws only InputError. */
  readonly read: (input: Buffer) => unknown
}

/** Good inputs larger than this make runs slow and find nothing more. */
const MOST_SEED_BYTES = 60_000
const MOST_SEEDS = 40

/** Files of that name in the recorded states. */
export function recorded(name: string): readonly Uint8Array[] {
  const states = join(FIXTURES, 'states')
  const files = readdirSync(states, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(`/${name}`),
  )
  return files
    .map((path) => join(states, path))
    .filter((path) => statSync(path).size < MOST_SEED_BYTES)
    .slice(0, MOST_SEEDS)
    .map((path) => readFileSync(path))
}

/** Recorded faults, each a difference from a healthy state. */
export function faultPatches(): readonly Uint8Array[] {
  const folder = join(FIXTURES, 'fault-states', 'udp')
  const files = readdirSync(folder).filter((name) => name.endsWith('.patch'))
  return files.slice(0, MOST_SEEDS).map((name) => readFileSync(join(folder, name)))
}

/** Short inputs, written here. */
export const texts =
  (...list: readonly string[]) =>
  (): readonly Uint8Array[] =>
    list.map((text) => Buffer.from(text))
export const orEmpty = (seeds: readonly Uint8Array[]): readonly Uint8Array[] =>
  seeds.length > 0 ? seeds : [Buffer.from('\n')]
