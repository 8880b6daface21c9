/** A Docker engine without a network of its own, whose images and containers lie in a folder. */
import { rmSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { CommandResult } from '../../hosts/command/runner.ts'
import { run } from '../../hosts/command/spawn.ts'

const MINUTE = 60_000

export interface Engine {
  /** `docker` with these words. */
  readonly docker: (...words: readonly string[]) => Promise<CommandResult>
  readonly stop: () => Promise<unknown>
}

/** Starts it behind the words of `enter`, where it is to be. Throws with its own words where it does not come up. */
export async function startEngine(
  data: string,
  enter: readonly string[],
  socket = `unix://${data}/docker.sock`,
): Promise<Engine> {
  const own = [`--data-root=${data}/data`, `--exec-root=${data}/exec`, `--pidfile=${data}/docker.pid`]
  const none = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false']
  // Of one that was stopped, whose processes had other numbers.
  for (const left of ['docker.pid', 'exec']) rmSync(`${data}/${left}`, { recursive: true, force: true })
  const stopping = new AbortController()
  const dockerd = run([...enter, 'dockerd', `--host=${socket}`, ...own, ...none], {
    timeoutMs: 30 * MINUTE,
    signal: stopping.signal,
  })
  let ended: CommandResult | undefined
  void dockerd.then((result) => {
    ended = result
  })
  const docker: Engine['docker'] = (...words) =>
    run(['env', 'DOCKER_BUILDKIT=0', 'docker', '-H', socket, ...words], { timeoutMs: 10 * MINUTE })
  for (let at = 0; ; at++) {
    const { end } = await docker('version')
    if ('exit' in end && end.exit === 0) break
    if (ended !== undefined || at > 300)
      throw new Error(`dockerd does not answer: ${ended?.stderr.slice(-2000)}`)
    await setTimeout(200)
  }
  return {
    docker,
    stop: () => {
      stopping.abort()
      return dockerd
    },
  }
}

/** What it printed. Throws where it fails. */
export async function answered(work: Promise<CommandResult>, expected = /(?:)/): Promise<string> {
  const { end, stdout, stderr } = await work
  const text = Buffer.from(stdout).toString('utf8')
  if ('exit' in end && end.exit === 0 && expected.test(text)) return text
  throw new Error(`${JSON.stringify(end)}\n${text.slice(-3000)}${stderr.slice(-3000)}`)
}
