/**
 * One round trip to a host: runs the script, watches the marks go by, and kills the
 * process group when a section outlives its deadline.
 */
import { type CommandResult, type Runner, RunnerError } from '../hosts/command/runner.ts'
import { newPatience, type Patience } from '../patience.ts'
import { type Frame, frameToken, type Mark, parseFrames, watchMarks } from './section/frames.ts'
import { collectScript, SCRIPT_ARGV } from './section/script.ts'
import type { CollectSettings, FactCollector, Section, SectionEnd } from './section/section.ts'

export interface TripOptions {
  /** Milliseconds one section may take. */
  readonly sectionMs: number
  readonly maxBytes: number
  readonly signal?: AbortSignal
  /** Of all hosts that are collected together. */
  readonly patience?: Patience
}

/** What one round trip brought back. */
export interface Trip {
  readonly sections: readonly Section[]
  readonly result: CommandResult
  /** The trip was cut short, so sections after the last one may still be had by another. */
  readonly cut: boolean
}

/** Milliseconds a host may take before its first section begins: alone, and where others get on. */
const FIRST_MARK = { silentMs: 20_000, mostMs: 120_000 } as const

/** How long hosts that are collected together may take before they say something. */
export function collectionPatience(): Patience {
  return newPatience(FIRST_MARK)
}

interface Watch {
  readonly onStdout: (chunk: Uint8Array) => void
  readonly times: Map<string, number>
  readonly expired: () => string | undefined
  readonly stop: () => void
}

/** Times every section by the arrival of its marks; aborts when one is overdue. */
function watchSections(
  token: string,
  { sectionMs, patience = collectionPatience() }: TripOptions,
  abort: () => void,
): Watch {
  const startedAt = performance.now()
  const times = new Map<string, number>()
  let current: { name: string; since: number } | undefined
  let overdue: string | undefined
  let timer: NodeJS.Timeout
  const awaitFirst = (): void => {
    const ms = patience.left(startedAt)
    if (ms > 0) timer = setTimeout(awaitFirst, ms)
    else abort()
  }
  awaitFirst()
  const expire = (): void => {
    overdue = current?.name
    abort()
  }
  const onMark = (mark: Mark): void => {
    clearTimeout(timer)
    patience.heard()
    if (mark.kind === 'end') {
      if (current !== undefined) times.set(current.name, performance.now() - current.since)
      current = undefined
    } else current = { name: mark.name, since: performance.now() }
    timer = setTimeout(expire, sectionMs)
  }
  return {
    onStdout: watchMarks(token, onMark),
    times,
    expired: () => overdue,
    stop: () => clearTimeout(timer),
  }
}

/** The reason nothing came back, in the words of the transport where it said any. */
function noAnswer(runner: Runner, result: CommandResult): RunnerError {
  const said = result.stderr.trim().split('\n')[0] ?? ''
  if (/permission denied|not permitted/i.test(said)) return new RunnerError('not-permitted', said)
  const { end } = result
  const isLate = 'cancelled' in end || 'timedOut' in end
  const ended = 'exit' in end ? `(exit ${end.exit})` : isLate ? 'in time' : `(${Object.keys(end)[0]})`
  const words = said === '' ? ended : `(${said})`
  return new RunnerError('unreachable', `${runner.via}: the shell gave no answer ${words}`)
}

function sectionEnd(frame: Frame, overdue: string | undefined): SectionEnd {
  if (frame.end !== undefined) return frame.end
  return frame.name === overdue ? { timedOut: true } : { truncated: true }
}

/** Sections to collect, and what the host's inventory entry changes in them. */
export interface TripRequest {
  readonly collectors: readonly FactCollector[]
  readonly settings: CollectSettings
}

function startTrip(runner: Runner, request: TripRequest, options: TripOptions) {
  const { collectors, settings } = request
  const token = frameToken()
  const overdue = new AbortController()
  const watch = watchSections(token, options, () => overdue.abort())
  const result = runner
    .run(SCRIPT_ARGV, {
      stdin: collectScript(token, collectors, settings),
      timeoutMs: FIRST_MARK.mostMs + (collectors.length + 1) * options.sectionMs,
      maxBytes: options.maxBytes,
      signal:
        options.signal === undefined ? overdue.signal : AbortSignal.any([options.signal, overdue.signal]),
      onStdout: watch.onStdout,
    })
    .finally(watch.stop)
  return { token, watch, result }
}

/**
 * Runs the collectors on a host in one process.
 * Throws RunnerError when the host cannot be reached or its shell prints no section.
 */
export async function roundTrip(runner: Runner, request: TripRequest, options: TripOptions): Promise<Trip> {
  const { token, watch, ...started } = startTrip(runner, request, options)
  const result = await started.result
  const frames = parseFrames(result.stdout, token)
  if (frames.length === 0 && options.signal?.aborted !== true) throw noAnswer(runner, result)
  const errors = new Map(parseFrames(result.stderr, token).map(({ name, text }) => [name, text]))
  const sections = frames.flatMap((frame): Section[] => {
    const collector = request.collectors.find(({ fact }) => fact === frame.name)
    if (collector === undefined) return []
    return [
      {
        name: collector.fact,
        command: collector.commandFor?.(request.settings) ?? collector.command,
        stdout: frame.text,
        stderr: errors.get(frame.name) ?? '',
        end: sectionEnd(frame, watch.expired()),
        ms: watch.times.get(frame.name) ?? options.sectionMs,
      },
    ]
  })
  const complete = 'exit' in result.end && frames.every(({ end }) => end !== undefined)
  return { sections, result, cut: !complete }
}
