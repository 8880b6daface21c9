/** Flags of the judging commands to settings. */
import type { Severity } from '../../../checks/check.ts'
import type { JudgeSettings } from '../../run/judge.ts'
import type { Flags } from './options.ts'

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
