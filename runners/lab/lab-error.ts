/** `usage`: the options are wrong. `missing`: this machine lacks something. `failed`: the lab itself did not work. */
export type LabProblem = 'usage' | 'missing' | 'failed'

/** Why there is no lab; the message is one sentence a person can act on. */
export class LabError extends Error {
  readonly problem: LabProblem
  constructor(problem: LabProblem, message: string) {
    super(message)
    this.name = 'LabError'
    this.problem = problem
  }
}

/** Refuses the options. */
export function usage(message: string): never {
  throw new LabError('usage', message)
}
