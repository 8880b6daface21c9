import test from 'ava'
import type { RunnerProblem } from '../command/runner.ts'
import { connectProblem } from './ssh-problem.ts'

const SAID: readonly (readonly [stderr: string, problem: RunnerProblem, says: RegExp])[] = [
  ['ssh: Could not resolve hostname nix: Name or service not known', 'unreachable', /no such host name here/],
  ['ssh: connect to host h1 port 22: Connection refused', 'unreachable', /is sshd running\?/],
  ['ssh: connect to host h1 port 22: Connection timed out', 'unreachable', /a firewall in between/],
  ['Connection timed out during banner exchange', 'unreachable', /no sshd answers on it/],
  ['ssh: connect to host h1 port 22: No route to host', 'unreachable', /no way to it from here/],
  [
    'kex_exchange_identification: Connection closed by remote host',
    'unreachable',
    /ended before the login; .*MaxStartups.*\(ssh: kex_/,
  ],
  ['kex_exchange_identification: read: Connection reset by peer', 'unreachable', /ended before the login/],
  ['Connection closed by 192.0.2.1 port 22', 'unreachable', /ended before the login/],
  ['kex_exchange_identification: banner line too long', 'unreachable', /what answers there is no sshd/],
  [
    'kex_exchange_identification: No SSH version received in first 1024 lines from server',
    'unreachable',
    /is no sshd/,
  ],
  ['core@h1: Permission denied (publickey,password).', 'auth', /the login was refused/],
  ['Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures', 'auth', /refused/],
  ['Host key verification failed.', 'host-key', /is not known; connect once/],
  ['No ED25519 host key is known for h1 and you have requested strict checking.', 'host-key', /is not known/],
  ['/root/.ssh/config: line 3: Bad configuration option: foo', 'unreachable', /configuration cannot be used/],
  ['', 'unreachable', /^ssh:\/\/h1: no connection; ssh does not say why/],
]
/** What ssh writes of a host behind another, or of a key; the line that is to be shown, and what is said. */
const BEHIND: readonly (readonly [lines: string, shown: string, problem: RunnerProblem, says: RegExp])[] = [
  [
    '*** AUTHORISED USE ONLY ***\nchannel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\nkex_exchange_identification: Connection closed by remote host',
    'channel 0: open failed: administratively prohibited: open failed',
    'unreachable',
    /jump host does not get through to it: .*AllowTcpForwarding/,
  ],
  [
    'channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\nkex_exchange_identification: Connection closed by remote host',
    'channel 0: open failed: connect failed: Connection refused',
    'unreachable',
    /jump host does not get through/,
  ],
  [
    '/bin/bash: line 1: exec: nosuchcommand: not found\nkex_exchange_identification: Connection closed by remote host',
    '/bin/bash: line 1: exec: nosuchcommand: not found',
    'unreachable',
    /its ProxyCommand cannot be run/,
  ],
  [
    'sh: 1: exec: nosuchcommand: not found\nkex_exchange_identification: Connection closed by remote host',
    'sh: 1: exec: nosuchcommand: not found',
    'unreachable',
    /its ProxyCommand cannot be run/,
  ],
  [
    "Permissions 0644 for '/root/.ssh/id' are too open.\nThis private key will be ignored.\nroot@h1: Permission denied (publickey).",
    "Permissions 0644 for '/root/.ssh/id' are too open.",
    'auth',
    /chmod 600/,
  ],
  [
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key for [192.0.2.1]:2022 has changed and you have requested strict checking.\nHost key verification failed.',
    'Host key for [192.0.2.1]:2022 has changed and you have requested strict checking.',
    'host-key',
    /not the one that is known/,
  ],
]
for (const [lines, shown, problem, says] of BEHIND) {
  test(`of several lines that is shown which says why: ${shown}`, (t) => {
    const error = connectProblem('ssh://h1', lines.replaceAll('\n', '\r\n'))
    t.is(error.problem, problem)
    t.regex(error.message, says)
    t.true(error.message.endsWith(`(ssh: ${shown})`), error.message)
  })
}

for (const [stderr, problem, says] of SAID) {
  test(`ssh: ${stderr}`, (t) => {
    const error = connectProblem('ssh://h1', `${stderr}\r\n`)
    t.is(error.problem, problem)
    t.regex(error.message, says)
    t.true(error.message.startsWith('ssh://h1: '))
    if (stderr !== '') t.true(error.message.includes(stderr))
  })
}

test('a changed host key, and what a host says is made visible', (t) => {
  const warning = [
    '@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@',
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @',
    'Host key verification failed.',
  ].join('\r\n')
  const error = connectProblem('ssh://h1', warning)
  t.is(error.problem, 'host-key')
  t.regex(error.message, /ssh-keygen -R \(ssh: WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\)$/)
  t.regex(connectProblem('ssh://h1', 'a\u001b[31mred').message, /a\\x1b\[31mred/)
})
