/** Starts a daemon of a lab inside a container, without a docker command that would have to stay. */
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { identify, LAB_VARIABLE, type ProcessIdentity } from '../../hosts/process-identity.ts'
import type { EngineContainer } from '../place.ts'
import { waitUntil } from '../wait.ts'
import type { LabDaemon } from './daemon.ts'
import { askEngine, posted, readEngine } from './engine-api.ts'

/** The engine knows the pid as soon as the process runs. */
const START_MS = 10_000
/** The log lies in a directory that the container shares with this machine. */
const WITH_LOG = 'log=$1; shift; exec "$@" >>"$log" 2>&1'

/** Beside its log: what the engine knows it by. */
const noteOf = (logFile: string): string => `${logFile}.exec`

interface NewDaemon {
  readonly token: string
  readonly daemon: LabDaemon
  readonly engine: EngineContainer
}

/** Gives its process as this machine sees it. Throws LabError when the engine refuses. */
export async function startInContainer({ token, daemon, engine }: NewDaemon): Promise<ProcessIdentity> {
  const { socket, container } = engine
  writeFileSync(daemon.logFile, '', { flag: 'a' }) // it is read before its writer has opened it
  const { Id: id } = await readEngine<{ Id: string }>(
    socket,
    posted(`/containers/${container}/exec`, {
      Cmd: ['sh', '-c', WITH_LOG, 'sh', daemon.logFile, ...daemon.argv],
      Env: [`${LAB_VARIABLE}=${token}`],
      WorkingDir: daemon.directory,
    }),
  )
  writeFileSync(noteOf(daemon.logFile), id)
  await askEngine(socket, posted(`/exec/${id}/start`, { Detach: true }))
  let pid = 0
  const look = async (): Promise<string | undefined> => {
    const path = `/exec/${id}/json`
    pid = (await readEngine<{ Pid: number }>(socket, { method: 'GET', path })).Pid
    return pid > 0 ? undefined : `the engine tells no pid of ${daemon.role}`
  }
  await waitUntil(look, { deadline: performance.now() + START_MS })
  return identify(pid) ?? { pid, start: 'ended at once' }
}

/** A shell and runc tell the end by a signal as 128 and its number. */
const SIGNALS = 128

/** How the last daemon with that log ended, `exit 0` or `signal SIGKILL`; undefined while it runs. */
export async function endInContainer(
  { socket }: EngineContainer,
  logFile: string,
): Promise<string | undefined> {
  const path = `/exec/${readFileSync(noteOf(logFile), 'utf8')}/json`
  const exec = await readEngine<{ Running: boolean; ExitCode: number | null }>(socket, {
    method: 'GET',
    path,
  })
  const { Running: isRunning, ExitCode: code } = exec
  if (isRunning || code === null) return undefined
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - SIGNALS)?.[0]
  return signal === undefined ? `exit ${code}` : `signal ${signal}`
}
