/** Quoting for POSIX shells: the only way a value may enter a script, and how a command is shown to be pasted. */

/** Nothing in these means anything to a shell, wherever the word stands; `=` would make the first word an assignment. */
const PLAIN = /^[\w./:@%+,-]+$/
/** Reserved words are special only bare (POSIX Shell Command Language, 2.4). */
const RESERVED = /^(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|in|function|select|time|coproc)$/

/** One word for a POSIX shell, whatever it contains; a plain one stays as it is. Throws on NUL, which no shell word can hold. */
export function posixQuote(word: string): string {
  if (word.includes('\0')) throw new TypeError('a shell word cannot hold a NUL byte')
  return PLAIN.test(word) && !RESERVED.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
