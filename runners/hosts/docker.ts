/**
 * A container of a Docker engine: `docker://CONTAINER`, or `docker://CONTAINER@SOCKET` for one of the engine that
 * serves that Unix socket. Entered with `docker exec`; without a socket the docker command finds its engine by
 * itself, by DOCKER_HOST for one.
 */
import {
  type CommandEnd,
  type CommandResult,
  type Runner,
  RunnerError,
  type RunOptions,
} from './command/runner.ts'
import { run } from './command/spawn.ts'
import { openTagged, type TaggedCall, tagged } from './command/tagged-run.ts'

/** What the docker command and its engine say when they did not run anything. */
const REFUSAL =
  /^(Error response from daemon|Error: |error during connect|Cannot connect to the Docker daemon|failed to connect to the docker API|(Got )?permission denied while trying to connect|docker: )/im

interface Sentence {
  readonly says: RegExp
  readonly problem: RunnerError['problem']
  readonly sentence: (container: string, said: string) => string
}

const SENTENCES: readonly Sentence[] = [
  {
    says: /permission denied/i,
    problem: 'not-permitted',
    sentence: (container) =>
      `docker://${container}: Docker refuses this user: permission denied on its socket (be root, or in the socket's group)`,
  },
  {
    says: /no such (container|object)/i,
    problem: 'unreachable',
    sentence: (container) => `docker://${container}: no container ${container} (see: docker ps -a)`,
  },
  {
    says: /cannot connect|failed to connect|error during connect|no such host|connection refused/i,
    problem: 'unreachable',
    sentence: (container) => `docker://${container}: no Docker engine answers (is dockerd running?)`,
  },
]

function refused(container: string, said: string): RunnerError {
  const line = said.trim().split('\n').at(-1) ?? ''
  const known = SENTENCES.find(({ says }) => says.test(said))
  if (known !== undefined) return new RunnerError(known.problem, known.sentence(container, line))
  return new RunnerError('unreachable', `docker://${container}: ${line}`)
}

/** The docker command for an engine. */
export function dockerWords(socket: string | undefined): readonly string[] {
  return socket === undefined ? ['docker'] : ['docker', '-H', `unix://${socket}`]
}

const exitOf = (end: CommandEnd): number | undefined => ('exit' in end ? end.exit : undefined)

/** Docker's own refusals end with 1; 125 to 127 are its answers to a command it could not start. */
function mayBeRefusal({ end, stdout, stderr }: CommandResult): boolean {
  return [1, 125, 126, 128].includes(exitOf(end) ?? 0) && stdout.length === 0 && REFUSAL.test(stderr)
}

/** Engines up to 20.10 print this, with 126, where a command prints; later ones with 127. */
const NOT_FOUND = /^OCI runtime exec failed: .*(executable file not found|no such file or directory)/

function isNotFound({ end, stdout, stderr }: CommandResult): boolean {
  if (![126, 127].includes(exitOf(end) ?? 0)) return false
  return NOT_FOUND.test(Buffer.from(stdout.subarray(0, 1000)).toString('utf8')) || NOT_FOUND.test(stderr)
}

/** As a shell says it (POSIX, 2.8.2). */
function notFound(result: CommandResult, command: string): CommandResult {
  return { ...result, end: { exit: 127 }, stdout: new Uint8Array(), stderr: `${command}: command not found` }
}

interface DockerContainer {
  readonly container: string
  readonly words: readonly string[]
}

/** Name of a container's state, and the pid of its first process on the engine's machine. */
async function stateOf({ container, words }: DockerContainer): Promise<{ state: string; pid: number }> {
  const format = '{{.State.Status}} {{.State.Pid}}'
  const result = await start(() => run([...words, 'container', 'inspect', '--format', format, container]))
  if (exitOf(result.end) !== 0) throw refused(container, result.stderr)
  const [state = '', pid = ''] = Buffer.from(result.stdout).toString('utf8').trim().split(' ')
  return { state, pid: Number(pid) }
}

/** Throws RunnerError when the container is not running: then what was printed is Docker's, not a command's. */
async function verifyRunning(target: DockerContainer): Promise<void> {
  const { state } = await stateOf(target)
  if (state === 'running') return
  const { container } = target
  throw new RunnerError('unreachable', `docker://${container}: the container is not running (${state})`)
}

/** A missing docker command is told as such. */
async function start<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RunnerError) || error.problem !== 'not-installed') throw error
    throw new RunnerError('not-installed', 'docker is not installed on this machine (command not found)')
  }
}

function callInto({ words, container }: DockerContainer): TaggedCall {
  return tagged({
    withVariable: (variable) => [...words, 'exec', '-i', '-e', variable, container],
    plain: [...words, 'exec', container],
  })
}

async function runInside(
  target: DockerContainer,
  argv: readonly string[],
  options?: RunOptions,
): Promise<CommandResult> {
  const call = callInto(target)
  const result = await start(() => run([...call.words, ...argv], options))
  if (!('exit' in result.end)) await call.signal('KILL')
  else if (mayBeRefusal(result)) await verifyRunning(target)
  return isNotFound(result) ? notFound(result, argv[0] ?? '') : result
}

/** Runner for a container; its engine is asked at the first command, and rejects there with RunnerError. */
export function dockerRunner(host: string, container: string, socket?: string): Runner {
  const target: DockerContainer = { container, words: dockerWords(socket) }
  return {
    kind: 'docker',
    host,
    via: `docker://${container}${socket === undefined ? '' : `@${socket}`}`,
    run: (argv, options) => runInside(target, argv, options),
    open: (argv, options) => start(() => openTagged(callInto(target), argv, options)),
    close: async () => {},
  }
}

/**
 * Path of a running container's network as this machine sees it, for programs that the container has not.
 * Throws RunnerError when the container is not running, or runs on another machine.
 */
export async function containerNetwork(container: string, socket?: string): Promise<string> {
  const target: DockerContainer = { container, words: dockerWords(socket) }
  const { state, pid } = await stateOf(target)
  if (state === 'running' && pid > 0) return `/proc/${pid}/ns/net`
  throw new RunnerError('unreachable', `docker://${container}: the container is not running (${state})`)
}
