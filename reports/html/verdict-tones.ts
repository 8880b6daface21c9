/** The tone of a page or a word that tells a verdict. */
import type { Report } from '../document/report.ts'
import type { Tone } from './page.ts'

export const VERDICT_TONES: Readonly<Record<Report['verdict'], Tone>> = {
  healthy: 'good',
  'at-risk': 'warn',
  broken: 'bad',
  undecided: 'warn',
  'no-flannel': 'warn',
}
