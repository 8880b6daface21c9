/** Flags of the judging commands to settings. */
import type { Severity } from '../../checks/check.ts'
import type { Flags } from '../cli-options.ts'
import type { JudgeSettings } from '../judge.ts'

/** `--only`, `--skip` and `--fail-on`. */
export function judgeSettings(flags: Flags): JudgeSettings {
  return {
    selection: {
      only: (flags.only as string[] | undefined) ?? [],
      skip: (flags.skip as string[] | undefined) ?? [],
    },
    failOn: (flags.failOn as Severity | undefined) ?? 'warning',
  }
}
