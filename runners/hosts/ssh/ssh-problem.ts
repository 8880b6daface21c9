/** Why ssh failed, in one sentence that says what to do. */
import { printable } from '../../../reports/layout/printable.ts'
import { RunnerError, type RunnerProblem } from '../command/runner.ts'

interface Meaning {
  readonly says: RegExp
  readonly problem: RunnerProblem
  readonly means: string
}

const CHANGED =
  'its host key is not the one that is known; make sure that it is the same machine, then remove the old key with ssh-keygen -R'

/** Words of OpenSSH 7.6 to 10 (ssh.c, sshconnect.c, sshconnect2.c, readconf.c), most telling first. */
const MEANINGS: readonly Meaning[] = [
  // The line that names the host, which may be a jump host.
  { says: /^Host key for .* has changed/im, problem: 'host-key', means: CHANGED },
  { says: /HOST IDENTIFICATION HAS CHANGED/i, problem: 'host-key', means: CHANGED },
  {
    says: /Host key verification failed|No .* host key is known/i,
    problem: 'host-key',
    means: 'its host key is not known; connect once with ssh and confirm the key',
  },
  {
    says: /^Permissions 0\d+ for .* are too open/im,
    problem: 'auth',
    means: 'ssh leaves out a private key that others may read; chmod 600 makes it one again',
  },
  {
    says: /Permission denied \(|Too many authentication failures|No supported authentication methods/i,
    problem: 'auth',
    means:
      'the login was refused; user and key must be such that ssh logs in without asking (ssh-agent, or IdentityFile in the ssh configuration)',
  },
  {
    says: /Could not resolve hostname/i,
    problem: 'unreachable',
    means: 'no such host name here and no Host of that name in the ssh configuration',
  },
  // What goes by another program ends with the words of one that nobody answered; that program's own stand before.
  {
    says: /channel \d+: open failed:/i,
    problem: 'unreachable',
    means:
      'its jump host does not get through to it: no sshd listens there, there is no way, or the jump host forwards nothing (AllowTcpForwarding)',
  },
  {
    says: /^\S*sh: (line \d+: |\d+: )?(exec: )?.*: (command )?not found$/im,
    problem: 'unreachable',
    means: 'its ProxyCommand cannot be run',
  },
  { says: /Connection refused/i, problem: 'unreachable', means: 'nothing listens there; is sshd running?' },
  {
    says: /Connection timed out during banner exchange/i,
    problem: 'unreachable',
    means:
      'the connection is taken but no sshd answers on it; is sshd overloaded, does another program have this port, or does a jump host not get through to it?',
  },
  {
    says: /banner line too long|No SSH version received|Bad remote protocol version|Protocol major versions differ|Bad packet length/i,
    problem: 'unreachable',
    means: 'what answers there is no sshd; does another program have this port?',
  },
  {
    says: /kex_exchange_identification|Connection (closed|reset) by .* port|Not allowed at this time/i,
    problem: 'unreachable',
    means:
      'the connection is ended before the login; does sshd refuse more at a time (MaxStartups, PerSourcePenalties) or this address, or is it no sshd?',
  },
  {
    says: /timed out|No route to host|Network is unreachable/i,
    problem: 'unreachable',
    means: 'no way to it from here, or a firewall in between',
  },
  {
    says: /Bad configuration option|terminating, .* bad configuration|Bad owner or permissions|Can't open user config/i,
    problem: 'unreachable',
    means: 'the ssh configuration cannot be used',
  },
]

const LONGEST = 200

/** The line that says most: the one the meaning was read from, else the last. */
function tellingLine(stderr: string, says?: RegExp): string {
  const lines = stderr.split(/[\r\n]+/).filter((line) => /[a-z]/i.test(line))
  const line = (says && lines.find((text) => says.test(text))) ?? lines.at(-1) ?? ''
  return printable(line.trim().replace(/^@\s*(.*?)\s*@$/, '$1'), LONGEST)
}

/** Why there is no connection, by what ssh wrote to stderr. */
export function connectProblem(via: string, stderr: string): RunnerError {
  const meaning = MEANINGS.find(({ says }) => says.test(stderr))
  const said = tellingLine(stderr, meaning?.says)
  const words = said === '' ? '; ssh does not say why, ssh -v may' : ` (ssh: ${said})`
  return meaning === undefined
    ? new RunnerError('unreachable', `${via}: no connection${words}`)
    : new RunnerError(meaning.problem, `${via}: ${meaning.means}${words}`)
}

/** The login shell ran something else than the command. */
export function noShell(via: string, stdout: string, stderr: string): RunnerError {
  const said = tellingLine(stdout) || tellingLine(stderr)
  const words = said === '' ? '' : ` (it said: ${said})`
  return new RunnerError(
    'no-shell',
    `${via}: the login shell runs no commands${words}; give a user whose shell does`,
  )
}

/** The connection ended while a command ran. */
export function connectionLost(via: string, stderr: string): RunnerError {
  const said = tellingLine(stderr)
  const words = said === '' ? '' : ` (ssh: ${said})`
  return new RunnerError('gone', `${via}: the connection was lost while a command ran${words}`)
}
