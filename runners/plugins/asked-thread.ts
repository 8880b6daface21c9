/**
 * A plugin's thread as seen from ours: asked like a function, with a limit of time for each of the plugin's things. What
 * outlives it is ended with its thread, endless loops too; the next question starts another.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Answer, Question, ThreadSettings } from './plugin-thread.ts'

export interface Limits {
  /** Milliseconds that one check, parser, reporter or fault may take in a run, all hosts together. */
  readonly eachMs: number
  /** Milliseconds in which a plugin must be loaded. */
  readonly loadMs: number
}

/** What the thread runs, and for how long. */
export interface ThreadPlan extends Pick<ThreadSettings, 'fence'> {
  readonly limits: Limits
}

/** A plugin that keeps all it is given ends its own thread, not us. */
const MOST_MEMORY_MB = 512

/** Runs beside this file, as source or as built. */
const THREAD = new URL(
  import.meta.url.endsWith('.ts') ? 'plugin-thread.ts' : 'plugin-thread.js',
  import.meta.url,
)

interface Running {
  readonly worker: Worker
  readonly port: MessagePort
  readonly flag: Int32Array
}

export interface AskedThread {
  /** Loads the plugin and gives its description. Rejects where it throws or takes too long. */
  readonly load: () => Promise<unknown>
  /** Throws Error with what the plugin threw, or that it took too long. */
  readonly ask: (question: Question) => unknown
  /** Ends the thread. Awaited before the process ends: Node may crash where it ends with a thread that is just ending. */
  readonly close: () => Promise<void>
}

function start({ fence }: ThreadPlan): Running {
  const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const { port1: port, port2 } = new MessageChannel()
  const worker = new Worker(THREAD, {
    workerData: { fence, flag, port: port2 } satisfies ThreadSettings,
    transferList: [port2],
    env: {},
    // What it prints goes nowhere: standard output is the report's.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  })
  worker.stdout.resume()
  worker.stderr.resume()
  worker.on('error', () => {}) // whoever asks hears it as no answer
  worker.unref()
  port.unref()
  return { worker, port, flag }
}

function taken(answer: Answer): unknown {
  if ('error' in answer) throw new Error(answer.error)
  return answer.value
}

const tooLong = (ms: number): Error => new Error(`it gave no answer within ${ms / 1000} s and was ended`)

async function description({ worker }: Running, loadMs: number): Promise<unknown> {
  const answered = Promise.withResolvers<Answer>()
  worker.ref()
  worker.once('message', answered.resolve)
  worker.once('error', answered.reject)
  worker.once('exit', () => answered.reject(new Error('it ended its own thread')))
  const timer = setTimeout(() => answered.reject(tooLong(loadMs)), loadMs)
  try {
    return taken(await answered.promise)
  } finally {
    clearTimeout(timer)
    worker.unref()
  }
}

/** A thread for a plugin; it is started by `load`. */
export function askedThread(plan: ThreadPlan): AskedThread {
  let running: Running | undefined
  const spent = new Map<string, number>()
  let context: Question['context']

  const close = async (): Promise<void> => {
    const ending = running?.worker
    running = undefined
    context = undefined
    await ending?.terminate()
  }
  /** Starts it again after it was ended; loading counts as well. */
  const answered = (question: Question, leftMs: number): Answer | undefined => {
    const waitMs = running === undefined ? leftMs + plan.limits.loadMs : leftMs
    running ??= start(plan)
    const { port, flag } = running
    Atomics.store(flag, 0, 0)
    const isNew = question.context !== undefined && question.context !== context
    const { context: shared, ...rest } = question
    context = shared ?? context
    port.postMessage(isNew ? question : rest)
    Atomics.wait(flag, 0, 0, waitMs)
    return receiveMessageOnPort(port)?.message as Answer | undefined
  }
  return {
    load: () => {
      running = start(plan)
      return description(running, plan.limits.loadMs)
    },
    ask: (question) => {
      const key = `${question.of} ${question.name}`
      const before = spent.get(key) ?? 0
      if (before >= plan.limits.eachMs) throw tooLong(plan.limits.eachMs)
      const since = performance.now()
      const answer = answered(question, plan.limits.eachMs - before)
      if (answer === undefined) {
        close().catch(() => {})
        spent.set(key, plan.limits.eachMs)
        throw tooLong(plan.limits.eachMs)
      }
      spent.set(key, before + performance.now() - since)
      return taken(answer)
    },
    close,
  }
}
