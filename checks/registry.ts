/**
 * Every check, in the order in which they run and print: by layer, causes before
 * their symptoms. Adding a check is one line here and three files with one stem.
 */
import type { Check } from './check.ts'

export const CHECKS: readonly Check[] = []
