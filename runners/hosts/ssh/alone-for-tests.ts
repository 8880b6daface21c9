/** A process that runs one long command over ssh, to be killed: alone-for-tests.ts SSH_CONFIG seconds=NUMBER. */
import { makeRunner } from '../make-runner.ts'

const [, , sshConfig = '', word = ''] = process.argv
const seconds = word.replace('seconds=', '')
const runner = makeRunner('far1', 'ssh://far1', { sshConfig })
await Promise.all([runner.run(['sleep', seconds], { timeoutMs: 600_000 }), runner.open(['sleep', seconds])])
