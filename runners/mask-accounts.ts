/** Passwords do not leave this process: not on a terminal, not in a report, not in a saved state. */

/** Where a URL begins. The length is bounded, so that a long text costs no more than its length. */
const SCHEME = /[A-Za-z][A-Za-z0-9+.-]{0,20}:\/\//g

/** Schemes whose URLs name a login user, who is no secret. */
const WITH_LOGIN = new Set(['ssh', 'docker', 'vagrant', 'netns'])

/** Stands for what is not said. */
const MASK = '********'

/** What follows a scheme, up to the next one: a password may contain `@`, `/`, `:` and a comma, but no white space. */
function maskedRest(scheme: string, rest: string): string {
  const end = rest.search(/\s/)
  const at = (end < 0 ? rest : rest.slice(0, end)).lastIndexOf('@')
  if (at < 0) return rest
  const colon = rest.slice(0, at).indexOf(':')
  if (!WITH_LOGIN.has(scheme.toLowerCase())) return MASK + rest.slice(at)
  return colon < 0 ? rest : `${rest.slice(0, colon)}:${MASK}${rest.slice(at)}`
}

/** A text without the accounts in its URLs; of an ssh:// URL only a password goes. */
export function maskAccounts(text: string): string {
  const starts = [...text.matchAll(SCHEME)]
  const parts = starts.map((start, index) => {
    const from = start.index + start[0].length
    return start[0] + maskedRest(start[0].slice(0, -3), text.slice(from, starts[index + 1]?.index))
  })
  return text.slice(0, starts[0]?.index) + parts.join('')
}

/** Options whose value is an account or a secret. */
const SECRET_OPTION = /^--(etcd-user|[a-z-]*(?:password|token|secret)[a-z-]*)(?:=|$)/

function maskValue(word: string): string {
  const colon = word.indexOf(':')
  return colon < 0 ? word : `${word.slice(0, colon)}:${MASK}`
}

/** The words of a command line as they may be shown: `--etcd-user name:password` keeps its name. */
export function maskedWords(argv: readonly string[]): string[] {
  return argv.map((word, index) => {
    const before = SECRET_OPTION.exec(argv[index - 1] ?? '')
    if (before !== null && !argv[index - 1]?.includes('='))
      return before[1] === 'etcd-user' ? maskValue(word) : MASK
    const own = SECRET_OPTION.exec(word)
    if (own === null || !word.includes('=')) return maskAccounts(word)
    const [name = ''] = word.split('=')
    return own[1] === 'etcd-user' ? `${name}=${maskValue(word.slice(name.length + 1))}` : `${name}=${MASK}`
  })
}
