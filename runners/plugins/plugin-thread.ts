/**
 * The thread in which a plugin lives. It is asked one thing at a time and answers with plain data; whoever asks waits
 * with a limit, and ends the thread when that has passed.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import type { Draft, Unsure } from '../../checks/check.ts'
import type { FaultContext } from '../../fixtures/fault.ts'
import type { Plugin, PluginContext, PluginFault, PluginHostCheck } from './contract.ts'
import { type FenceSettings, raiseFence } from './fence.ts'
import { seenContext } from './seen-context.ts'

/** What the thread is started with. */
export interface ThreadSettings {
  readonly fence: FenceSettings
  /** Set to 1 when an answer is there. */
  readonly flag: Int32Array
  readonly port: MessagePort
}

/** What is asked of a plugin: which of its things, and with what. */
export interface Question {
  readonly of: 'check' | 'fact' | 'reporter' | 'fault'
  readonly name: string
  readonly input: unknown
  /** What all checks of a run share, where it is another than at the question before. */
  readonly context?: PluginContext
}

export type Answer = { readonly value: unknown } | { readonly error: string }

const MOST_DRAFTS = 10_000

const { fence, flag, port } = workerData as ThreadSettings

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The plugin without its functions, which no other thread can have. */
function described(value: unknown): unknown {
  if (value instanceof URL) return { file: value.href }
  if (Array.isArray(value)) return value.map(described)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, field]) => typeof field !== 'function')
  return Object.fromEntries(fields.map(([name, field]) => [name, described(field)]))
}

let context: PluginContext | undefined

/** What each check sees of it, by name: made once, not for every host. */
let seen = new Map<string, PluginContext>()

function contextOf(check: PluginHostCheck): PluginContext {
  const known = seen.get(check.id) ?? seenContext(check, context as PluginContext)
  seen.set(check.id, known)
  return known
}

function drafts(plugin: Plugin, name: string, view: object): readonly (Draft | Unsure)[] {
  const check = plugin.checks?.find(({ id }) => id === name) as unknown as PluginHostCheck
  const found: (Draft | Unsure)[] = []
  for (const draft of check.evaluate({ ...view, cluster: contextOf(check) } as never)) {
    found.push(draft)
    if (found.length > MOST_DRAFTS) throw new Error(`it yields more than ${MOST_DRAFTS} findings`)
  }
  return found
}

function steps(fault: PluginFault | undefined, input: FaultContext): unknown {
  const { inject, heal, settle } = fault as PluginFault
  return { inject: inject(input), heal: heal(input), settle: settle?.(input) ?? [] }
}

const ANSWERS: Readonly<Record<Question['of'], (plugin: Plugin, name: string, input: never) => unknown>> = {
  check: drafts,
  fact: (plugin, name, section) => plugin.facts?.find(({ fact }) => fact === name)?.parse(section),
  reporter: (plugin, name, [report, canvas]: readonly [never, never]) =>
    plugin.reporters?.find((reporter) => reporter.name === name)?.render(report, canvas),
  fault: ({ faults }, name, input) =>
    steps(
      faults?.find(({ id }) => id === name),
      input,
    ),
}

function answer(plugin: Plugin, question: Question): Answer {
  try {
    if (question.context !== undefined) {
      context = question.context
      seen = new Map()
    }
    return { value: ANSWERS[question.of](plugin, question.name, question.input as never) }
  } catch (error) {
    return { error: message(error) }
  }
}

function tell(told: Answer): void {
  try {
    port.postMessage(told)
  } catch (error) {
    port.postMessage({ error: message(error) }) // a value that is no plain data
  }
  Atomics.store(flag, 0, 1)
  Atomics.notify(flag, 0)
}

raiseFence(fence)
try {
  const { default: plugin } = (await import(fence.module)) as { readonly default?: Plugin }
  if (plugin === undefined)
    throw new Error('it has no default export: expected `export default definePlugin({ … })`')
  parentPort?.postMessage({ value: described(plugin) })
  port.on('message', (question: Question) => tell(answer(plugin, question)))
} catch (error) {
  parentPort?.postMessage({ error: message(error) })
}
