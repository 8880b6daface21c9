/** Hostile inputs out of good ones: the same seed gives the same input, so that a number is a whole bug report. */

/** Numbers from 0 up to below 1, from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What parsers stumble over: keys of prototypes, limits of numbers, controls, broken UTF-8, words of shells and of JSON. */
const TOKENS: readonly Uint8Array[] = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '"__proto__":{"polluted":1},'],
  ...[
    'null',
    'true',
    '[]',
    '{}',
    '""',
    '-1',
    '0',
    '1e999',
    '-0',
    '18446744073709551616',
    '9007199254740993',
    'NaN',
  ],
  ...[
    '0.0.0.0/0',
    '255.255.255.255/32',
    '10.0.0.0/33',
    '::/0',
    'fe80::1%eth0',
    'ff:ff:ff:ff:ff:ff',
    '1.2.3.4/-1',
  ],
  ...[
    '\n',
    '\r\n',
    '\0',
    '\u0001',
    '\u001b[31m',
    '\u202e',
    '\ufeff',
    '$(id)',
    '`id`',
    "'; id #",
    '../../',
    '\\',
    '=',
    ',',
  ],
  ...[
    '{"a":1,"a":2}',
    '&a *a',
    '!!js/function',
    '<<: *a',
    '? [',
    '- - - -',
    '%s%n',
    ' '.repeat(1000),
    '['.repeat(2000),
    '{"a":'.repeat(2000),
  ],
].map((text) => Buffer.from(text))
const BROKEN: readonly Uint8Array[] = [
  [0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0x80],
  [0xe2, 0x82],
].map((bytes) => Uint8Array.from(bytes))

const MOST_BYTES = 200_000

interface Dice {
  readonly below: (limit: number) => number
  readonly of: <T>(items: readonly T[]) => T
}

function diceFrom(seed: number): Dice {
  const random = randomFrom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  return { below, of: (items) => items[below(items.length)] as (typeof items)[number] }
}

type Change = (input: Buffer, dice: Dice, seeds: readonly Uint8Array[]) => Buffer

function slice(input: Uint8Array, { below }: Dice): Buffer {
  const from = below(input.length + 1)
  return Buffer.from(input.subarray(from, from + below(Math.min(4096, input.length - from + 1))))
}

function insert(input: Buffer, what: Uint8Array, at: number): Buffer {
  return Buffer.concat([input.subarray(0, at), what, input.subarray(at)])
}

const CHANGES: readonly Change[] = [
  (input, dice) => {
    const changed = Buffer.from(input)
    if (changed.length > 0) changed[dice.below(changed.length)] = dice.below(256)
    return changed
  },
  (input, dice) => {
    const changed = Buffer.from(input)
    const at = dice.below(Math.max(1, changed.length))
    if (changed.length > 0) changed[at] = (changed[at] as number) ^ (1 << dice.below(8))
    return changed
  },
  (input, dice) => insert(input, dice.of(TOKENS), dice.below(input.length + 1)),
  (input, dice) => insert(input, dice.of(BROKEN), dice.below(input.length + 1)),
  (input, dice) => insert(input, slice(input, dice), dice.below(input.length + 1)),
  (input, dice, seeds) => insert(input, slice(dice.of(seeds), dice), dice.below(input.length + 1)),
  (input, dice) => {
    const from = dice.below(input.length + 1)
    return Buffer.concat([input.subarray(0, from), input.subarray(from + dice.below(64))])
  },
  (input, dice) => input.subarray(0, dice.below(input.length + 1)),
  // A number becomes another one.
  (input, dice) =>
    Buffer.from(
      input
        .toString('latin1')
        .replace(/\d+/g, (digits) => (dice.below(20) === 0 ? dice.of(TOKENS).toString() : digits)),
      'latin1',
    ),
]

/** The input of that number: one of the seeds, changed one to eight times. */
export function mutated(seeds: readonly Uint8Array[], seed: number): Buffer {
  const dice = diceFrom(seed)
  let input: Buffer = Buffer.from(dice.of(seeds))
  for (let left = 1 + dice.below(8); left > 0; left--) input = dice.of(CHANGES)(input, dice, seeds)
  return input.subarray(0, MOST_BYTES)
}
