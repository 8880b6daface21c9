/**
 * One connection per host and process, shared by all runners of that host (OpenSSH's control socket).
 * ssh holds it under a small shell that ends it and removes its directory when our end of a pipe closes, which
 * the kernel does even when we are killed.
 */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newPatience } from '../../patience.ts'
import { poll } from '../../poll.ts'
import { RunnerError } from '../command/runner.ts'
import { killGroup, trackedSpawn } from '../command/spawn.ts'
import { type ConnectionFiles, masterArgv, type SshDestination } from './ssh-argv.ts'
import { connectProblem } from './ssh-problem.ts'

/** Longer than ssh's own limit, which does not cover the login: alone, and where other hosts let us in meanwhile. */
const LOGIN = { silentMs: 15_000, mostMs: 60_000 } as const
/** Between two looks for the socket: short at first, since a login takes a fraction of a second. */
const pauseMs = (waitedMs: number): number => Math.min(10 + waitedMs / 20, 100)
/** A connection that no session uses is kept that long: probes follow the collection. */
const LINGER_MS = 3000
/** Longest path of a socket (sun_path in unix(7)) less what ssh adds while it makes one. */
const LONGEST_SOCKET = 107 - 17

/** A shell that reports a killed child to a reader that is gone would die of it before it has removed anything. */
const GUARD = `dir=$1; shift
exec 3<&0
"$@" </dev/null 3<&- & ssh=$!
{ cat <&3; kill "$ssh"; } >/dev/null 2>&1 & watcher=$!
exec 3<&-
trap '' PIPE
wait "$ssh"; status=$?
kill "$watcher" 2>/dev/null
rm -rf -- "$dir"
exit "$status"`

interface Connection {
  readonly files: ConnectionFiles
  /** Resolves when ssh has ended. */
  readonly ended: Promise<void>
  close(): void
}

const directories = new Set<string>()
process.on('exit', () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true })
})

/** A directory of our own; the system's place for them may have too long a path for a socket. */
function privateDirectory(): string {
  const places = [tmpdir(), '/tmp']
  const place = places.find((path) => join(path, 'fd-ssh-XXXXXX', 'c').length <= LONGEST_SOCKET) ?? '/tmp'
  const directory = mkdtempSync(join(place, 'fd-ssh-'))
  directories.add(directory)
  return directory
}

function filesIn(directory: string, { config }: SshDestination): ConnectionFiles {
  const socket = join(directory, 'c')
  if (config === undefined) return { socket }
  const file = join(directory, 'config')
  writeFileSync(file, config, { mode: 0o600 })
  return { socket, config: file }
}

function startMaster(target: SshDestination, directory: string) {
  const files = filesIn(directory, target)
  const argv = ['-c', GUARD, 'sh', directory, ...masterArgv(target, files)]
  const child = trackedSpawn('sh', argv, { stdio: ['pipe', 'ignore', 'pipe'], detached: true })
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    if (stderr.length < 65_536) stderr += chunk.toString('utf8')
  })
  child.stdin?.on('error', () => {}) // ssh ended first: `ended` tells
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  for (const event of ['close', 'error']) {
    child.once(event, () => {
      directories.delete(directory)
      rmSync(directory, { recursive: true, force: true })
      resolve()
    })
  }
  // It must not keep this process running.
  child.unref()
  for (const pipe of [child.stdin, child.stderr]) (pipe as unknown as Socket).unref()
  return { child, files, ended, said: () => stderr }
}

/** Why there is no connection, by how ssh ended. */
function failure(target: SshDestination, stderr: string): RunnerError {
  if (/: ssh: (command )?not found/.test(stderr)) {
    return new RunnerError('not-installed', `${target.via}: ssh: command not found; install OpenSSH's client`)
  }
  return connectProblem(target.via, stderr)
}

const logins = newPatience(LOGIN)

/** Connects and logs in. Rejects with RunnerError. */
async function connect(target: SshDestination): Promise<Connection> {
  const { child, files, ended, said } = startMaster(target, privateDirectory())
  const close = (): void => void child.stdin?.destroy()
  let over = false
  void ended.then(() => {
    over = true
  })
  const startedAt = performance.now()
  const look = (): 'open' | 'over' | 'late' | undefined => {
    if (existsSync(files.socket)) return 'open'
    if (over) return 'over'
    return logins.left(startedAt) > 0 ? undefined : 'late'
  }
  const state = await poll(look, { deadline: Number.POSITIVE_INFINITY, pauseMs })
  if (state === 'over') throw failure(target, said())
  if (state === 'late') {
    if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL')
    throw new RunnerError('unreachable', `${target.via}: it took too long to log in`)
  }
  logins.heard()
  return { files, ended, close }
}

interface Shared {
  readonly connection: Promise<Connection>
  sessions: number
  timer?: NodeJS.Timeout
}

const open = new Map<string, Shared>()

function share(key: string, target: SshDestination): Shared {
  const known = open.get(key)
  if (known !== undefined) return known
  const shared: Shared = { connection: connect(target), sessions: 0 }
  open.set(key, shared)
  const drop = (): void => forget(key, shared)
  shared.connection.then(({ ended }) => ended.then(drop), drop)
  return shared
}

function forget(key: string, shared: Shared): void {
  if (open.get(key) === shared) open.delete(key)
}

async function closeIdle(key: string, shared: Shared): Promise<void> {
  if (shared.sessions > 0) return
  forget(key, shared)
  const { close } = await shared.connection
  close()
}

/** A connection for one session. */
export interface Held {
  readonly files: ConnectionFiles
  /** The session is over; a connection without sessions is closed soon after. */
  release(): void
}

/** The connection to a host, made where there is none. Rejects with RunnerError when it cannot be had. */
export async function holdConnection(target: SshDestination): Promise<Held> {
  const key = JSON.stringify(target)
  const shared = share(key, target)
  clearTimeout(shared.timer)
  shared.sessions++
  const { files } = await shared.connection
  const release = (): void => {
    shared.sessions--
    if (shared.sessions === 0) shared.timer = setTimeout(() => void closeIdle(key, shared), LINGER_MS).unref()
  }
  return { files, release }
}
