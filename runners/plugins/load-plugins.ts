/** Loads plugins, each in a thread of its own, and gives what they bring in the shapes that ours have. */
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import type { Check, CheckId, Draft } from '../../checks/check.ts'
import type { Clause, Profile } from '../../checks/clauses/clause.ts'
import type { CheckResult } from '../../checks/evaluate.ts'
import type { ClusterContext, HostView } from '../../checks/view.ts'
import { oneLine } from '../collect/section/absence.ts'
import type { FactCollector, Parsed } from '../collect/section/section.ts'
import { FileProblem, readRegularFile } from '../files/read-regular-file.ts'
import { posixQuote } from '../hosts/command/quote.ts'
import { draftsSchema, faultStepsSchema, parsedSchema } from './answers.ts'
import { type AskedThread, askedThread, type Limits } from './asked-thread.ts'
import type { PluginContext } from './contract.ts'
import { type CheckDescription, type Description, firstIssue, verifiedDescription } from './description.ts'
import {
  type ClauseAction,
  type FaultSteps,
  type LoadedFault,
  type LoadedPlugins,
  NO_PLUGINS,
} from './loaded-plugins.ts'
import { type NamedPlugin, pluginModule } from './plugin-file.ts'

const LIMITS: Limits = { eachMs: 5000, loadMs: 30_000 }
const MOST_PAGE_BYTES = 256 * 1024
/** What one fact may print on one host. */
const MOST_SECTION_BYTES = 1024 * 1024

/** What a plugin answered, where it is of that shape. Throws Error with the place and what was expected there. */
function shaped<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new Error(`its answer: ${firstIssue(parsed.error)}`)
}

const shared = new WeakMap<ClusterContext, PluginContext>()

/** What the checks of a plugin share of a run, the same object for all of them: of the network they see their facts and observations alone. */
function contextOf(cluster: ClusterContext): PluginContext {
  const { now, hostByPublicIp, snapshot } = cluster
  const context = shared.get(cluster) ?? { now, hostByPublicIp, observations: snapshot.observations ?? [] }
  shared.set(cluster, context)
  return context
}

function checkOf({ page: _, ...described }: CheckDescription, thread: AskedThread): Check {
  const evaluate = ({ cluster, ...input }: HostView<never>): readonly Draft[] => {
    const question = { of: 'check', name: described.id, input, context: contextOf(cluster) } as const
    return shaped(draftsSchema, thread.ask(question)) as unknown as Draft[]
  }
  return { ...described, evaluate } as unknown as Check
}

/**
 * The shell of a plugin is one of its own, so that nothing in it touches the sections of others, and what it prints is
 * bounded. Its exit status comes by a file descriptor, as a pipe has only that of its last command.
 */
function boundedScript(script: string): string {
  return `exec 3>&1
status=$({ { sh -c ${posixQuote(script)} 3>&- 4>&-; echo $? >&4; } | head -c ${MOST_SECTION_BYTES} >&3; } 4>&1)
exit "\${status:-1}"`
}

function collectorOf(described: Description['facts'][number], thread: AskedThread): FactCollector {
  const { fact, command, script = command, acceptExit } = described
  const collector = {
    fact,
    command,
    script: () => boundedScript(script),
    acceptExit,
    isRecent: true,
    parse: ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) =>
      shaped(
        parsedSchema,
        thread.ask({ of: 'fact', name: fact, input: { stdout, stderr } }),
      ) as Parsed<unknown>,
  }
  return collector as unknown as FactCollector
}

function clauseOf({ codes, after, ...described }: Description['clauses'][number], name: string): Clause {
  const proof = after === undefined ? { kind: 'static', codes } : { kind: 'dynamic', scenario: after }
  return { ...described, profiles: [name as Profile], proof } as unknown as Clause
}

/** The clauses that need an action, with it. */
function actionsOf({ name, clauses }: Description, faults: readonly LoadedFault[]): readonly ClauseAction[] {
  return clauses.flatMap((described) => {
    const fault = faults.find(({ id }) => id === described.after)
    return fault === undefined ? [] : [{ clause: clauseOf(described, name), codes: described.codes, fault }]
  })
}

function faultOf(described: Description['faults'][number], thread: AskedThread): LoadedFault {
  const { id } = described
  return {
    ...described,
    steps: (context) =>
      shaped(faultStepsSchema, thread.ask({ of: 'fault', name: id, input: context })) as FaultSteps,
  }
}

function formatOf({ name, about }: Description['reporters'][number], thread: AskedThread) {
  return {
    about,
    load: async () => (report: unknown, canvas: unknown) => {
      const told = thread.ask({ of: 'reporter', name, input: [report, canvas] })
      if (typeof told !== 'string') throw new Error(`--format ${name}: it gave no text`)
      return told
    },
  }
}

function pageOf({ id, page }: CheckDescription): string {
  if (typeof page === 'string') return page
  try {
    return readRegularFile(fileURLToPath(page.file), { mostBytes: MOST_PAGE_BYTES }).toString('utf8')
  } catch (error) {
    if (error instanceof FileProblem) throw new Error(`the page of ${id}: ${error.message}`)
    throw error
  }
}

function loadedOf(described: Description, thread: AskedThread): LoadedPlugins {
  const { name, checks, facts, clauses, reporters } = described
  const faults = described.faults.map((fault) => faultOf(fault, thread))
  return {
    names: [name],
    checks: checks.map((check) => checkOf(check, thread)),
    facts: facts.map((fact) => collectorOf(fact, thread)),
    clauses: clauses.map((clause) => clauseOf(clause, name)),
    faults,
    actions: actionsOf(described, faults),
    reporters: Object.fromEntries(reporters.map((reporter) => [reporter.name, formatOf(reporter, thread)])),
    pages: new Map(checks.map((check) => [check.id, pageOf(check)])),
    failures: [],
    close: () => void thread.close(),
  }
}

function failureOf({ named }: NamedPlugin, error: unknown): CheckResult {
  const why = oneLine(error instanceof Error ? error.message : String(error))
  const check = `plugin/${named}` as CheckId
  return { check, scope: 'cluster', outcome: 'error', reason: `not loaded: ${why}`, findings: [] }
}

async function loadOne(plugin: NamedPlugin, taken: readonly string[], limits: Limits) {
  const thread = askedThread({ fence: pluginModule(plugin), limits })
  try {
    const described = verifiedDescription(await thread.load())
    if (taken.includes(described.name)) throw new Error(`another plugin has the name ${described.name}`)
    return loadedOf(described, thread)
  } catch (error) {
    await thread.close()
    return { ...NO_PLUGINS, failures: [failureOf(plugin, error)] }
  }
}

function joined(one: LoadedPlugins, other: LoadedPlugins): LoadedPlugins {
  return {
    names: [...one.names, ...other.names],
    checks: [...one.checks, ...other.checks],
    facts: [...one.facts, ...other.facts],
    clauses: [...one.clauses, ...other.clauses],
    faults: [...one.faults, ...other.faults],
    actions: [...one.actions, ...other.actions],
    reporters: { ...one.reporters, ...other.reporters },
    pages: new Map([...one.pages, ...other.pages]),
    failures: [...one.failures, ...other.failures],
    close: () => {
      one.close()
      other.close()
    },
  }
}

/**
 * Loads plugins in their order. One that throws, takes too long or breaks the contract is a failure among what is
 * loaded. Throws InputError for a file or package that is not there, or that is not trusted.
 */
export async function loadPlugins(
  plugins: readonly NamedPlugin[],
  limits: Partial<Limits> = {},
): Promise<LoadedPlugins> {
  let loaded = NO_PLUGINS
  for (const plugin of plugins)
    loaded = joined(loaded, await loadOne(plugin, loaded.names, { ...LIMITS, ...limits }))
  return loaded
}
