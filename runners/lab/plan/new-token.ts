/** The token that is in every name of a lab. */
import { randomInt } from 'node:crypto'
import { listLedgers } from '../ledger/ledger.ts'

/** A token no lab has: two labs of one token would remove each other's namespaces. */
export function newToken(): string {
  const taken = new Set(listLedgers().map((ledger) => ledger.token))
  for (;;) {
    const token = Array.from({ length: 4 }, () => randomInt(36).toString(36)).join('')
    if (!taken.has(token)) return token
  }
}
