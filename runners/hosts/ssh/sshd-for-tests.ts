/**
 * A real sshd in a network namespace, with host key, users and shells of its own: in a mount namespace where
 * other files stand for /etc/passwd, /etc/shadow and /etc/sudoers. Nothing of the machine is changed.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { commandPath } from '../../setup/search-path.js'
import type { RunningCommand } from '../command/runner.ts'
import { open, run } from '../command/spawn.ts'
import { netnsPrefix } from '../netns.ts'

/** Users beside root; each logs in with the same key. */
const USERS = {
  /** May become root without being asked. */
  walker: '/bin/sh',
  plain: '/bin/sh',
  closed: '/usr/sbin/nologin',
  chatty: 'chatty',
  menu: 'menu',
} as const
const FIRST_UID = 47_110
const SHELLS = {
  chatty: '#!/bin/sh\necho "welcome to $(hostname)"; echo hello >&2\nexec /bin/sh "$@"\n',
  menu: '#!/bin/sh\necho "1) backup  2) restore"\n',
} as const

const MOUNTS = `for file in passwd shadow sudoers; do
  [ -e "/etc/$file" ] || continue
  mount --bind "$1/$file" "/etc/$file" || exit 1
done
mkdir -p /run/sshd
shift; exec "$@"`

export interface TestSshd {
  readonly address: string
  /** Private key of the client. */
  readonly key: string
  readonly knownHosts: string
  /** What sshd wrote so far. */
  log(): string
  /** How many connections logged in, and how many sessions they had. */
  counts(): { readonly connections: number; readonly sessions: number }
  stop(): Promise<void>
}

function accountFiles(dir: string): void {
  const names = Object.entries(USERS)
  const shell = (word: string): string => (word.startsWith('/') ? word : join(dir, word))
  const passwd = names.map(
    ([name, word], i) => `${name}:x:${FIRST_UID + i}:65534::/nonexistent:${shell(word)}`,
  )
  const shadow = names.map(([name]) => `${name}:*:19000:0:99999:7:::`)
  writeFileSync(join(dir, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}${passwd.join('\n')}\n`)
  writeFileSync(join(dir, 'shadow'), `${readFileSync('/etc/shadow', 'utf8')}${shadow.join('\n')}\n`, {
    mode: 0o640,
  })
  writeFileSync(join(dir, 'sudoers'), 'root ALL=(ALL) ALL\nwalker ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 })
  for (const [name, text] of Object.entries(SHELLS)) writeFileSync(join(dir, name), text)
}

/** What the users read and run, whatever the umask of this process. */
function openToUsers(dir: string): void {
  chmodSync(dir, 0o755)
  for (const name of ['passwd', 'id.pub']) chmodSync(join(dir, name), 0o644)
  for (const name of Object.keys(SHELLS)) chmodSync(join(dir, name), 0o755)
}

async function newKey(file: string): Promise<void> {
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', file])
}

function settings(dir: string, address: string): string {
  return [
    `ListenAddress ${address}`,
    `HostKey ${dir}/hostkey`,
    `AuthorizedKeysFile ${dir}/id.pub`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'LogLevel VERBOSE',
    '',
  ].join('\n')
}

function follow({ stderr }: RunningCommand): () => string {
  let words = ''
  void (async () => {
    for await (const chunk of stderr) words += Buffer.from(chunk).toString('utf8')
  })()
  return () => words
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length
}

/** Starts one that listens on port 22 of `address` in that namespace. */
export async function startSshd(namespace: string, address = '127.0.0.1'): Promise<TestSshd> {
  const dir = mkdtempSync(join(tmpdir(), 'fd-sshd-'))
  accountFiles(dir)
  await newKey(join(dir, 'hostkey'))
  await newKey(join(dir, 'id'))
  openToUsers(dir) // sshd reads the key as the user
  writeFileSync(join(dir, 'sshd_config'), settings(dir, address))
  const [type, key] = readFileSync(join(dir, 'hostkey.pub'), 'utf8').split(' ')
  writeFileSync(join(dir, 'known'), `${address} ${type} ${key}\n`)
  const sshd = [commandPath('sshd') ?? 'sshd', '-D', '-e', '-f', join(dir, 'sshd_config')]
  const command = await open([
    ...netnsPrefix(namespace),
    'unshare',
    '-m',
    'sh',
    '-c',
    MOUNTS,
    'sh',
    dir,
    ...sshd,
  ])
  const log = follow(command)
  const stop = async (): Promise<void> => {
    await command.stop(0)
    rmSync(dir, { recursive: true, force: true })
  }
  let ended = false
  void command.ended.then(() => {
    ended = true
  })
  while (!log().includes('Server listening')) {
    if (ended) throw new Error(`sshd: ${log()}`)
    await wait(20)
  }
  return {
    address,
    key: join(dir, 'id'),
    knownHosts: join(dir, 'known'),
    log,
    counts: () => ({
      connections: count(log(), /^Accepted publickey for/gm),
      sessions: count(log(), /^Starting session: /gm),
    }),
    stop,
  }
}

export interface Login {
  readonly name: string
  /** The network namespace from which it is reached. */
  readonly through: string
  /** Default: root. */
  readonly user?: string
}

/** The `Host` block that reaches it from outside the namespace, in the form in which Vagrant prints one. */
export function hostBlock(sshd: TestSshd, { name, through, user = 'root' }: Login): string {
  const proxy = [...netnsPrefix(through), 'busybox', 'nc', '%h', '%p'].join(' ')
  return [
    `Host ${name}`,
    `  HostName ${sshd.address}`,
    `  User ${user}`,
    '  Port 22',
    `  UserKnownHostsFile ${sshd.knownHosts}`,
    '  StrictHostKeyChecking yes',
    '  PasswordAuthentication no',
    `  IdentityFile ${sshd.key}`,
    '  IdentitiesOnly yes',
    '  LogLevel FATAL',
    `  ProxyCommand ${proxy}`,
    '',
  ].join('\n')
}
