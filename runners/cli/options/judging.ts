/** Flags of the judging commands to settings. */
import type { JudgeSettings } from '../../run/judge.ts'
import type { SelectionFlags } from './flags.ts'

/** `--only`, `--skip`, `--fail-on`, and what the configuration file waives. */
export function judgeSettings({
  only = [],
  skip = [],
  failOn = 'warning',
  waivers = [],
}: SelectionFlags): JudgeSettings {
  return { selection: { only, skip }, failOn, waivers }
}
