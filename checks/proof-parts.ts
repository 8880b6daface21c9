/** The parts of an output that show what a finding says, as far as they are printed. */
import type { Draft } from './check.ts'
import { isNamed, type ObjectKind } from './model/named.ts'
import { partWith, tokensOf } from './model/raw-lines.ts'

/** What was looked at in the words of a check where there is nothing: no line can show it. */
const NOTHING = /^(?:not|no|none|nothing|unset)\b/

/** True for a value that hardly stands anywhere by chance: an address, a MAC, a path, a rule. */
function isTelling(value: string): boolean {
  return value.length > 6 && /[.:/-]/.test(value)
}

/** A link's own object, not one that only names it as its master. */
function nameWords(object: Draft['object'], raw: string): readonly string[] {
  if (!isNamed(object)) return tokensOf(object ?? '')
  const ifname = `"ifname":"${object.name}"`
  if (object.kind === 'link' && raw.includes(ifname)) return [ifname]
  return tokensOf(object.name)
}

/** The words that an output must hold to show the thing as it was found, most telling first. */
function wantedWords({ object, observed }: Draft, raw: string): readonly (readonly string[])[] {
  const values = observed === undefined || NOTHING.test(observed) ? [] : tokensOf(observed)
  if (values.length === 0) return []
  const both = [...nameWords(object, raw), ...values]
  const isEnough = (value: string): boolean =>
    isTelling(value) || (!isNamed(object) && /[a-z]{4}/i.test(value))
  return values.every(isEnough) ? [both, values] : [both]
}

/** The block of one container, where the draft is about one. */
export function blockOf(raw: string, { data }: Draft): string {
  const name = data?.container
  const start = name === undefined ? -1 : raw.indexOf(`container=${name}\n`)
  if (start < 0) return raw
  const next = raw.indexOf('\ncontainer=', start)
  return raw.slice(start, next < 0 ? raw.length : next)
}

/** Several things of one kind, each in a part of its own. */
const MOST_PARTS = 4

function partsWith(raw: string, observed: string): readonly string[] {
  const each = observed.split(/, (?=[\w./ :-]+(?:, |$))/)
  if (each.length < 2 || each.length > MOST_PARTS || !each.every(isTelling)) return []
  const parts = each.flatMap((one) => partWith(raw, tokensOf(one)) ?? [])
  return parts.length === each.length ? [...new Set(parts)] : []
}

/** Kinds of objects whose own part shows what they are like, whatever words a check has for it. */
const SHOWS_ITSELF: ReadonlySet<ObjectKind> = new Set(['link', 'external link', 'key', 'record', 'lease'])
/** What is said of a thing that is there and lacks something. */
const LACKS = /^(?:no master|set down|not UP)/

function ownPart({ object, observed = '', peer }: Draft, raw: string): string | undefined {
  if (!isNamed(object) || !SHOWS_ITSELF.has(object.kind) || peer !== undefined) return undefined
  if (NOTHING.test(observed) && !LACKS.test(observed)) return undefined
  return partWith(raw, nameWords(object, raw))
}

function literal(draft: Draft, raw: string): string | undefined {
  const { observed: whole, prints } = draft
  const printed = prints && partWith(raw, prints)
  if (printed !== undefined) return printed
  if (whole !== undefined && isTelling(whole) && !NOTHING.test(whole)) {
    const part = partWith(raw, [whole])
    if (part !== undefined) return part
  }
  for (const words of wantedWords(draft, raw)) {
    const part = partWith(raw, words)
    if (part !== undefined) return part
  }
  return undefined
}

/** The parts of an output that show a draft. */
export function literals(draft: Draft, raw: string): readonly string[] {
  const one = literal(draft, raw)
  if (one !== undefined) return [one]
  const several = partsWith(raw, draft.observed ?? '')
  const own = several.length > 0 ? undefined : ownPart(draft, raw)
  return own === undefined ? several : [own]
}
