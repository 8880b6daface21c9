/** An nft rule from its JSON back to about the words of `nft list ruleset`, for evidence. */
import { asObject, rightText } from './nft-value.ts'

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

function matchText(match: Readonly<Record<string, unknown>>): string {
  const op = match.op === '==' || match.op === 'in' ? '' : `${match.op} `
  return `${leftText(match.left)} ${op}${rightText(match.right)}`
}

function statementText(keyword: string, argument: unknown): string {
  const value = asObject(argument)
  if (value === undefined) return keyword
  switch (keyword) {
    case 'match':
      return matchText(value)
    case 'counter':
      return `counter packets ${value.packets}`
    case 'jump':
    case 'goto':
      return `${keyword} ${value.target}`
    case 'xt':
      return `(iptables ${value.type} ${value.name})`
    case 'mangle':
      return `${leftText(value.key)} set ${rightText(value.value)}`
    case 'reject':
      return 'reject'
    default:
      return `${keyword} ${JSON.stringify(argument)}`
  }
}

/** The statements of a rule as one line. */
export function ruleText(expressions: readonly unknown[]): string {
  return expressions
    .flatMap((statement) => Object.entries(asObject(statement) ?? {}))
    .map(([keyword, argument]) => statementText(keyword, argument))
    .join(' ')
}
