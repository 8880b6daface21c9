/** What must be ranked first while a fault lasts. */
import type { Fault } from '../../../fixtures/fault.ts'

/** The codes of which any one is the right cause. */
export function causesOf(fault: Fault): readonly string[] {
  const { cause } = fault.expect
  return typeof cause === 'string' ? [cause] : cause
}
