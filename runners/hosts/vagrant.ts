/** A virtual machine of Vagrant: `vagrant://MACHINE`, reached as `vagrant ssh` reaches it. */
import { printable } from '../../reports/layout/printable.ts'
import { type CommandResult, type Runner, RunnerError } from './command/runner.ts'
import { run } from './command/spawn.ts'
import { vagrantHostBlock } from './ssh/config-file.ts'
import { sshRunner } from './ssh/ssh.ts'
import type { SshDestination } from './ssh/ssh-argv.ts'

/** Vagrant is slow to start: it loads its plugins and asks the provider. */
const VAGRANT_MS = 60_000
/** env(1): the command was not found. */
const NOT_FOUND = 127

/** What Vagrant said, its blank lines and decoration left out, in one line. */
function said({ stdout, stderr }: CommandResult): string {
  const text = stderr.trim() === '' ? Buffer.from(stdout).toString('utf8') : stderr
  return printable(
    text
      .trim()
      .split(/\s*\n\s*/)
      .join(' '),
    300,
  )
}

async function askVagrant(machine: string, folder: string | undefined): Promise<string> {
  const via = `vagrant://${machine}`
  // VAGRANT_CWD is where vagrant(1) looks for the Vagrantfile; the user's own setting wins.
  const place = folder === undefined || process.env.VAGRANT_CWD ? [] : [`VAGRANT_CWD=${folder}`]
  const argv = ['env', ...place, 'vagrant', 'ssh-config', machine]
  const result = await run(argv, { timeoutMs: VAGRANT_MS })
  const exit = 'exit' in result.end ? result.end.exit : undefined
  if (exit === NOT_FOUND) {
    throw new RunnerError(
      'not-installed',
      `${via}: vagrant: command not found; install Vagrant, or name the machine as ssh:// with an sshConfig`,
    )
  }
  const block = vagrantHostBlock(Buffer.from(result.stdout).toString('utf8'), machine)
  if (exit === 0 && block !== undefined) return block
  const words = 'timedOut' in result.end ? `no answer within ${VAGRANT_MS / 1000} s` : said(result)
  throw new RunnerError('unreachable', `${via}: vagrant ssh-config does not tell how to reach it (${words})`)
}

/** Answers of this process: one question per machine. */
const asked = new Map<string, Promise<string>>()

function askOnce(machine: string, folder: string | undefined): Promise<string> {
  const key = JSON.stringify([machine, folder])
  const known = asked.get(key)
  if (known !== undefined) return known
  const answer = askVagrant(machine, folder)
  asked.set(key, answer)
  answer.catch(() => asked.delete(key))
  return answer
}

/** The runner of a Vagrant machine; `folder` is where its Vagrantfile is, the current one where nobody says. */
export function vagrantRunner(host: string, machine: string, folder?: string): Runner {
  const via = `vagrant://${machine}`
  const reach = async (): Promise<SshDestination> => ({
    via,
    address: machine,
    config: await askOnce(machine, folder),
  })
  return sshRunner({ kind: 'vagrant', host, via }, reach)
}
