/** Quoting for POSIX shells: the only way a value from settings may enter a script. */

/** One word for a POSIX shell, whatever it contains. Throws on NUL, which no shell word can hold. */
export function posixQuote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot hold a NUL byte')
  return `'${word.replaceAll("'", "'\\''")}'`
}
