/** Flags of the judging commands to settings. */
import type { JudgeSettings } from '../../run/judge.ts'
import type { SelectionFlags } from './flags.ts'

/** `--only`, `--skip` and `--fail-on`. */
export function judgeSettings({ only = [], skip = [], failOn = 'warning' }: SelectionFlags): JudgeSettings {
  return { selection: { only, skip }, failOn }
}
