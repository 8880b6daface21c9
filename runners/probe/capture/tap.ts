/** One tcpdump on one link. */
import type { Stage } from '../../../checks/trace/trace.ts'
import { type Runner, RunnerError, type RunningCommand } from '../../hosts/command/runner.ts'
import { guardedArgv } from '../own/guarded-command.ts'
import { pcapReader } from './pcap-reader.ts'
import { tapFilter } from './tap-filter.ts'
import type { TapLog, Watch } from './tap-log.ts'
import { complaintIn, countsIn, isListening, type TcpdumpCounts } from './tcpdump-messages.ts'

/** Where a tap is set. */
export interface TapPoint {
  /** Enters the network that has the link: the host's, or a container's (`insideNetwork`). */
  readonly runner: Runner
  readonly host: string
  readonly stage: Stage
  readonly link: string
  /** Whom the control packet is sent to; the all-hosts group unless given, see `tap-control.ts`. */
  readonly control?: string
}

export interface Tap {
  readonly point: TapPoint
  readonly log: TapLog
  /** Resolves when it captures, or with why it does not. */
  readonly ready: Promise<string | undefined>
  /** Ends it and gives its own counts, or why there are none. */
  stop(): Promise<TcpdumpCounts | string>
}

/** Octets kept of a packet: both headers of the tunnel with options, and ping's nonce, fit in. */
const SNAPLEN = 256
const LONGEST_STDERR = 16_384
/** A link's name as the kernel takes it (dev_valid_name in net/core/dev.c), and no option of a command. */
const LINK_NAME = /^[^\s/:-][^\s/:]{0,14}$/

function tapArgv(link: string, token: string, filter: string): readonly string[] {
  // -p: a promiscuous tap changes the link, and shows frames that the host itself would not take.
  const options = ['-p', '-n', '-U', '--immediate-mode', '-s', String(SNAPLEN)]
  return guardedArgv(token, ['tcpdump', ...options, '-i', link, '-w', '-', filter])
}

/** Reads tcpdump's words until it listens or ends; goes on reading, so that `words` has them all in the end. */
async function follow(command: RunningCommand, heard: (words: string) => void): Promise<string> {
  let words = ''
  const decoder = new TextDecoder()
  for await (const chunk of command.stderr) {
    if (words.length < LONGEST_STDERR) words += decoder.decode(chunk, { stream: true })
    heard(words)
  }
  return words
}

function unready(point: TapPoint, log: TapLog, why: string): Tap {
  return { point, log, ready: Promise.resolve(why), stop: async () => why }
}

interface TapNeeds {
  readonly log: TapLog
  readonly watch: Watch
  readonly token: string
  readonly signal?: AbortSignal | undefined
}

/** Starts a tap; never rejects, a tap that cannot be had says why in `ready`. */
export async function openTap(point: TapPoint, needs: TapNeeds): Promise<Tap> {
  const { log, watch, token, signal } = needs
  if (!LINK_NAME.test(point.link)) return unready(point, log, 'not a name of a link')
  const argv = tapArgv(point.link, token, tapFilter(watch.ports, watch.probes))
  try {
    const command = await point.runner.open(argv, signal === undefined ? {} : { signal })
    return followTap(point, log, command)
  } catch (error) {
    if (error instanceof RunnerError) return unready(point, log, error.message)
    throw error
  }
}

function followTap(point: TapPoint, log: TapLog, command: RunningCommand): Tap {
  const reader = pcapReader(log.take)
  const { promise: ready, resolve } = Promise.withResolvers<string | undefined>()
  const words = follow(command, (so) => isListening(so) && resolve(undefined))
  const packets = (async () => {
    for await (const chunk of command.stdout) reader.push(chunk)
  })()
  void words.then((all) => resolve(complaintIn(all)))
  const stop = async (): Promise<TcpdumpCounts | string> => {
    await command.stop()
    const [all] = await Promise.all([words, packets])
    reader.end()
    return reader.problem ?? countsIn(all) ?? complaintIn(all)
  }
  return { point, log, ready, stop }
}
