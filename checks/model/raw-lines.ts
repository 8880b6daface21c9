/**
 * Finds in the raw output of a command the part that shows a thing: a line of text, or an object of JSON. What is found is
 * literally in the output, so that whoever runs the command again sees the same.
 */

/** Longest part that is quoted. */
const MOST = 400
/** Words that describe and are no values of the thing. */
const DESCRIBING = new Set(
  'via dev metric table lookup all on of and or the a no not is with without to from by in state flags none nothing present ='.split(
    ' ',
  ),
)

/** The words of a description that a command would print too: addresses, names, numbers. */
export function tokensOf(description: string): readonly string[] {
  return description
    .split(/[\s,;"()]+/)
    .map((word) => word.replace(/[:.]$/, ''))
    .filter((word) => word !== '' && !DESCRIBING.has(word.toLowerCase()))
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Texts of JSON, in which braces mean nothing, and the braces. */
const TEXT_OR_BRACE = /"(?:\\.|[^"\\])*"|[{}]/g

/** The objects that stand in the outermost list of JSON output; those of several lists one after another. */
function objectSpans(raw: string): readonly Span[] {
  const spans: Span[] = []
  let depth = 0
  let start = 0
  for (const { 0: token, index } of raw.matchAll(TEXT_OR_BRACE)) {
    if (token === '{') {
      if (depth === 0) start = index
      depth += 1
    } else if (token === '}') {
      depth -= 1
      if (depth === 0) spans.push({ start, end: index + 1 })
    }
  }
  return spans
}

/** Lines; of the policies of `ip xfrm` with those that are indented below them. */
function lineSpans(raw: string): readonly Span[] {
  const spans: Span[] = []
  let start = 0
  for (const line of raw.split('\n')) {
    const last = spans.at(-1)
    const end = start + line.length
    if (last !== undefined && /^src /.test(raw.slice(last.start, last.start + 4)) && line.startsWith('\t'))
      spans.splice(-1, 1, { start: last.start, end })
    else if (line !== '') spans.push({ start, end })
    start = end + 1
  }
  return spans
}

/** nft prints one object around its list. */
const AROUND = /^\s*\{"\w+":\s*(?=\[)/

const spansByRaw = new Map<string, readonly Span[]>()
/** Outputs whose parts are remembered; a run asks the same few again and again. */
const MOST_REMEMBERED = 64

function spansOf(raw: string): readonly Span[] {
  const known = spansByRaw.get(raw)
  if (known) return known
  const spans = lineSpans(raw).flatMap(({ start, end }) => {
    const line = raw.slice(start, end)
    if (!/^\s*\[?\s*\{/.test(line)) return [{ start, end }]
    const inside = start + (AROUND.exec(line)?.[0].length ?? 0)
    const list = raw.slice(inside, end)
    return objectSpans(list).map((span) => ({ start: inside + span.start, end: inside + span.end }))
  })
  if (spansByRaw.size >= MOST_REMEMBERED) spansByRaw.clear()
  spansByRaw.set(raw, spans)
  return spans
}

/** Where a word stands in a text as a word of its own; -1 where it does not. */
function wordAt(text: string, word: string): number {
  const isPart = (character: string | undefined): boolean =>
    character !== undefined && /[\w.]/.test(character)
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + word.length])) return at
  }
  return -1
}

/** A part that is too long, cut to what lies around its words; where these lie far apart, around the last of them. */
function cut(part: string, tokens: readonly string[]): string {
  if (part.length <= MOST) return part
  const places = tokens.map((token) => ({ at: wordAt(part, token), length: token.length }))
  const first = Math.min(...places.map(({ at }) => at))
  const last = Math.max(...places.map(({ at, length }) => at + length))
  if (last - first > MOST) return cut(part, tokens.slice(1))
  const start = last <= MOST ? 0 : part.lastIndexOf(',', first) + 1
  const stop = part.indexOf(',', last)
  return part.slice(start, Math.max(last, Math.min(stop < 0 ? part.length : stop, start + MOST)))
}

/** The spellings of a word in outputs: JSON parts address and length, keys of leases have a hyphen, files a slash. */
function spellings(word: string): readonly string[] {
  const [, address, length] = /^([\d.]+)\/(\d+)$/.exec(word) ?? []
  if (address !== undefined) return [word, `${address}-${length}`, address]
  if (!word.startsWith('net.')) return [word]
  const [, family, middle, key] = /^(net\.\w+)\.(.+)\.(\w+)$/.exec(word) ?? []
  if (family === undefined) return [word, word.replaceAll('.', '/')]
  // sysctl writes a dot in the name of a link as a slash, the kernel's file has the dot.
  const inside = middle?.replace(
    /^(conf|neigh)\.(.*)$/,
    (_, part: string, link: string) => `${part}/${link.replaceAll('/', '.')}`,
  )
  return [word, word.replaceAll('.', '/'), `${family.replace('.', '/')}/${inside}/${key}`]
}

/** The words as the output spells them; undefined where it lacks one. */
function asSpelled(raw: string, words: readonly string[]): readonly string[] | undefined {
  const spelled = words.map((word) => spellings(word).find((one) => wordAt(raw, one) >= 0))
  return spelled.includes(undefined) ? undefined : (spelled as readonly string[])
}

/** The first part of an output that has all words; undefined where none has. */
export function partWith(raw: string, words: readonly string[]): string | undefined {
  const tokens = words.length === 0 ? undefined : asSpelled(raw, words)
  if (tokens === undefined) return undefined
  for (const { start, end } of spansOf(raw)) {
    const part = raw.slice(start, end)
    if (!tokens.every((token) => wordAt(part, token) >= 0)) continue
    return cut(part, tokens)
  }
  return undefined
}
