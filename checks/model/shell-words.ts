/** Values of hosts and of etcd as words of a POSIX shell: nothing in them is ever more than a word. */

/** A word that every shell takes as it stands. `=`, `~` and brackets are quoted elsewhere than inside a word. */
const PLAIN = /^[A-Za-z0-9_./:@%+,-][A-Za-z0-9_./:@%+,=-]*$/
/** What no command line of ours may hold: it would end the line or reach the terminal. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** One word for a shell, quoted only where it must be; undefined where no word can hold it safely. */
export function shellWord(value: string): string | undefined {
  if (CONTROL.test(value)) return undefined
  if (PLAIN.test(value)) return value
  return `'${value.replaceAll("'", String.raw`'\''`)}'`
}

/** True when a shell gives a command line to its program word by word as it stands. */
export function isPlainCommand(command: string): boolean {
  const [program = '', ...words] = command.split(' ')
  return PLAIN.test(program) && !program.includes('=') && words.every((word) => PLAIN.test(word))
}

/**
 * Fills a template of a command: `{name}` becomes one word, `{name...}` the words of the value. Undefined where a value
 * is missing, cannot be a word, or would be taken for an option.
 */
export function fillCommand(
  template: string,
  values: Readonly<Record<string, string | number | undefined>>,
): string | undefined {
  let isWhole = true
  const filled = template.replace(/\{(\w+)(\.{3})?\}/g, (_whole, name: string, many: string | undefined) => {
    const value = values[name]
    const texts = value === undefined ? [] : many ? String(value).split(/ +/) : [String(value)]
    const words = texts.map((text) => (text.startsWith('-') ? undefined : shellWord(text)))
    if (words.length === 0 || words.includes(undefined)) isWhole = false
    return words.join(' ')
  })
  return isWhole ? filled : undefined
}

/** Replaces `{name}` in a sentence; a name without a value stays visible, so that a test catches it. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<string, string | number | undefined>>,
): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
