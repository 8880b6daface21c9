/**
 * Tests that need nothing but memory. In a run of all tests those of a group share one process: alone each spends most of its
 * time on loading the same modules (165 files of checks: 100 s of CPU, together 12). Named alone, each is a file like any other.
 */
export const PURE_TESTS = {
  checks: ['checks/*/**/*.test.ts', '!checks/trace/filter/kernel.test.ts'],
  facts: ['runners/collect/facts/**/*.test.ts'],
  // diff-formats waits for reports before its tests, and pages for a browser.
  reports: ['reports/**/*.test.ts', '!reports/diff/diff-formats.test.ts', '!reports/html/*.test.ts'],
} as const

/** The patterns that AVA is to leave out: in a run of all tests the files of the groups, else the groups themselves. */
export function leftOut(isWhole: boolean): readonly string[] {
  if (!isWhole) return ['!runners/dev/together/*.test.ts']
  const swap = (pattern: string): string => (pattern.startsWith('!') ? pattern.slice(1) : `!${pattern}`)
  return Object.values(PURE_TESTS).flat().map(swap)
}
