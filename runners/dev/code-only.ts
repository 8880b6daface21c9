/** Blanks out comments and the contents of strings, so that a rule's pattern meets code only. */

/** What may stand before a `/` that opens a regular expression rather than divides. */
const BEFORE_REGEX = /(?:^|[=(,:;[!&|?{}+\-*%<>~^]|\b(?:return|typeof|case|in|of|yield|await))\s*$/
const OPENERS: readonly RegExp[] = [
  /\/\/[^\n]*/y,
  /\/\*[\s\S]*?\*\//y,
  /'(?:\\[\s\S]|[^'\\\n])*'/y,
  /"(?:\\[\s\S]|[^"\\\n])*"/y,
]
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** Keeps the first and last character of a quoted piece, blanks the rest, keeps line ends. */
function blanked(piece: string): string {
  return piece.replace(/[^\n]/g, (character, index: number) =>
    (index === 0 || index === piece.length - 1) && /['"`]/.test(character) ? character : ' ',
  )
}

function blankedPiece(text: string, at: number): string | undefined {
  for (const pattern of OPENERS) {
    const piece = matchAt(pattern, text, at)
    if (piece !== undefined) return blanked(piece)
  }
  if (text[at] !== '/' || !BEFORE_REGEX.test(text.slice(Math.max(0, at - 80), at))) return undefined
  const regex = matchAt(REGEX, text, at)
  return regex === undefined ? undefined : blanked(regex)
}

/** Walks a template up to its closing backtick; code inside `${}` is kept. */
function template(text: string, from: number): { readonly out: string; readonly end: number } {
  let out = '`'
  let at = from + 1
  while (at < text.length && text[at] !== '`') {
    if (text.startsWith('${', at)) {
      const inner = walk(text, at + 2, true)
      out += `\${${inner.out}`
      at = inner.end
      continue
    }
    const width = text[at] === '\\' ? 2 : 1
    out += text.slice(at, at + width).replace(/[^\n]/g, ' ')
    at += width
  }
  return { out: `${out}\``, end: at + 1 }
}

/** The piece that starts here, as it is kept, and where the next one starts. */
function pieceAt(text: string, at: number): { readonly out: string; readonly end: number } {
  if (text[at] === '`') return template(text, at)
  const out = blankedPiece(text, at) ?? (text[at] as string)
  return { out, end: at + out.length }
}

const DEPTH: Readonly<Record<string, number>> = { '{': 1, '}': -1 }

/** Walks code to its end, or to the brace that closes a `${`. */
function walk(
  text: string,
  from: number,
  inTemplate: boolean,
): { readonly out: string; readonly end: number } {
  let out = ''
  let at = from
  let depth = 0
  while (at < text.length && !(inTemplate && depth < 0)) {
    depth += DEPTH[text[at] as string] ?? 0
    const piece = pieceAt(text, at)
    out += piece.out
    at = piece.end
  }
  return { out, end: at }
}

/** The same text, same length, with comments, string contents and regular expressions as blanks. */
export function codeOnly(text: string): string {
  return walk(text, 0, false).out
}
