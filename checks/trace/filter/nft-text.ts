/** An nft rule from its JSON back to about the words of `nft list ruleset`, for evidence. */
import { asObject, rightText } from './nft-value.ts'

type Statement = Readonly<Record<string, unknown>>

function leftText(left: unknown): string {
  const expression = asObject(left) ?? {}
  const payload = asObject(expression.payload)
  if (payload)
    return 'base' in payload
      ? `@${payload.base},${payload.offset},${payload.len}`
      : `${payload.protocol} ${payload.field}`
  const meta = asObject(expression.meta)
  if (meta) return meta.key === 'mark' || meta.key === 'l4proto' ? `meta ${meta.key}` : String(meta.key)
  const ct = asObject(expression.ct)
  if (ct) return `ct ${ct.key}`
  const fib = asObject(expression.fib)
  return fib ? `fib ${rightText(fib.flags)} ${fib.result}` : JSON.stringify(left)
}

function matchText(match: Statement): string {
  const op = match.op === '==' || match.op === 'in' ? '' : `${match.op} `
  return `${leftText(match.left)} ${op}${rightText(match.right)}`
}

/** `dnat to 10.5.1.2:80`, `redirect to :99`; what a map chooses as it is in JSON. */
function translationText(value: Statement, keyword: string): string {
  const { addr = '', port } = value
  if (typeof addr !== 'string' || (port !== undefined && typeof port !== 'number'))
    return `${keyword} ${JSON.stringify(value)}`
  return `${keyword} to ${addr}${port === undefined ? '' : `:${port}`}`
}

/** A map, since keywords come from a host: `constructor` is none of ours. */
const STATEMENTS = new Map<string, (value: Statement, keyword: string) => string>(
  Object.entries({
    match: matchText,
    counter: ({ packets }) => `counter packets ${packets}`,
    jump: ({ target }) => `jump ${target}`,
    goto: ({ target }) => `goto ${target}`,
    xt: ({ type, name }) => `(iptables ${type} ${name})`,
    mangle: ({ key, value }) => `${leftText(key)} set ${rightText(value)}`,
    reject: () => 'reject',
    dnat: translationText,
    snat: translationText,
    redirect: translationText,
  }),
)

function statementText(keyword: string, argument: unknown): string {
  const value = asObject(argument)
  if (value === undefined) return keyword
  return STATEMENTS.get(keyword)?.(value, keyword) ?? `${keyword} ${JSON.stringify(argument)}`
}

/** The statements of a rule as one line. */
export function ruleText(expressions: readonly unknown[]): string {
  return expressions
    .flatMap((statement) => Object.entries(asObject(statement) ?? {}))
    .map(([keyword, argument]) => statementText(keyword, argument))
    .join(' ')
}
