/**
 * flannel-doctor as a library: what the commands do, with a report in place of text. Nothing is printed and no exit
 * status is set; reports, snapshots and findings are plain data, and their JSON form is `report.schema.json`.
 */
import type { Severity } from '../../checks/check.ts'
import type { Waiver } from '../../checks/diagnosis/waivers.ts'
import { present } from '../../checks/model/present.ts'
import type { ClusterSnapshot } from '../../checks/model/snapshot.ts'
import type { Report } from '../../reports/document/report.ts'
import { InputError } from '../input-error.ts'
import { type TargetOptions, targetsFromOptions } from '../inventory/targets.ts'
import { leasedInventory } from '../run/collecting/leased-inventory.ts'
import { usualConcurrency } from '../run/collecting/usual-concurrency.ts'
import { judgeSettings, runInventory, runSaved } from '../run/run-inventory.ts'
import type { Step } from '../run/steps/step.ts'
import { keeping, probing, tracing } from '../run/steps/steps.ts'
import { verifyOptions } from './verified-options.ts'
import { withPlugins } from './with-plugins.ts'

/** Which checks run, and from which severity on their findings count. */
export interface JudgeOptions {
  /** Check ids or layers; everything unless given. */
  readonly only?: readonly string[]
  readonly skip?: readonly string[]
  /** What `exitCode` calls a failure; `warning` unless given. */
  readonly failOn?: Severity
  /** Findings that are accepted for a while. */
  readonly waivers?: readonly Waiver[]
  /** Plugins besides ours: files, or packages that are installed beside the working directory. Their code is run. */
  readonly plugins?: readonly string[]
}

/** Which network, as the flags of the same names say it, and the bounds of the run. */
export interface NetworkOptions extends TargetOptions, JudgeOptions {
  /** The run ends after this many seconds with what it has; 120 unless given. */
  readonly deadlineSeconds?: number
  /** Hosts asked at the same time; unless given 16 for each core of this machine, 8 to 128. */
  readonly concurrency?: number
  /** Ends the run early, with a report of what it has. */
  readonly signal?: AbortSignal
  /** Where `ETCDCTL_*` and `FLANNELD_*` are looked up; the environment of this process unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Folder that takes what was collected, for `replay`. */
  readonly save?: string
}

/** What a run found: the report, and the state of the network that it judged. */
export interface Judged {
  readonly report: Report
  readonly snapshot: ClusterSnapshot
}

function bounded({ deadlineSeconds = 120, signal }: NetworkOptions): AbortSignal {
  if (!(deadlineSeconds > 0)) throw new InputError('deadlineSeconds: expected a number above 0')
  const deadline = AbortSignal.timeout(deadlineSeconds * 1000)
  return signal === undefined ? deadline : AbortSignal.any([signal, deadline])
}

/** The command line is that of somebody else's program, and none of the report's business. */
function ofLibrary(report: Report): Report {
  return { ...report, run: { ...report.run, argv: [] } }
}

async function run(
  options: NetworkOptions,
  { of, steps }: { readonly of: 'network' | 'trace'; readonly steps: readonly Step[] },
): Promise<Judged> {
  verifyOptions(options, of)
  const { concurrency = usualConcurrency(), environment = process.env, save } = options
  const signal = bounded(options)
  const inventory = await leasedInventory(await targetsFromOptions(options, environment), signal)
  const { report, snapshot } = await withPlugins(options.plugins, (plugins) =>
    runInventory(inventory, {
      collection: { concurrency, signal, facts: plugins.facts },
      judging: judgeSettings({ ...options, plugins }),
      steps: [...steps, ...keeping({ save })],
    }),
  )
  return { report: ofLibrary(report), snapshot }
}

/**
 * Collects a network and judges it; with `probe` it also sends pings. Without targets it is this machine, as its
 * running flanneld is configured. Hosts that cannot be reached are in the report with the reason. Rejects with
 * InputError for options that are wrong.
 *
 * @example
 * ```js
 * import { checkNetwork, exitCode } from 'flannel-doctor'
 * const { report } = await checkNetwork({ inventory: 'hosts.yaml' })
 * for (const { code, message, remedy } of report.causes) console.log(code, message, remedy)
 * process.exitCode = exitCode(report)
 * ```
 */
export function checkNetwork(options: NetworkOptions & { readonly probe?: boolean } = {}): Promise<Judged> {
  return run(options, { of: 'network', steps: options.probe === true ? [probing({ turn: Date.now() })] : [] })
}

/** Two ends of a ping: `HOST`, `HOST/CONTAINER` or an address. */
export interface TraceOptions extends NetworkOptions {
  readonly source: string
  readonly target: string
  /** Bytes of the IP packet. */
  readonly size?: number
  /** Also traces the rules it meets, with an nft table of our own that is removed again. */
  readonly intrude?: boolean
}

/**
 * Sends a ping between two ends and says where it was lost and why: `report.traces`. Rejects with InputError.
 *
 * @example
 * ```js
 * import { trace } from 'flannel-doctor'
 * const { report } = await trace({ inventory: 'hosts.yaml', source: 'h1/h1c1', target: 'h2/h2c1' })
 * for (const { from, to, hops } of report.traces ?? []) console.log(from, to, hops.length)
 * ```
 */
export function trace(options: TraceOptions): Promise<Judged> {
  const { source, target, size, intrude = false } = options
  return run(options, { of: 'trace', steps: [tracing({ source, target, intrude, ...present({ size }) })] })
}

/**
 * Judges a saved state as of the time it was saved; no host is touched. Rejects with InputError when it is none.
 *
 * @example
 * ```js
 * import { render, replay } from 'flannel-doctor'
 * const { report } = await replay('before.tgz')
 * console.log(await render(report, 'markdown'))
 * ```
 */
export async function replay(
  states: string | readonly string[],
  options: JudgeOptions = {},
): Promise<Judged> {
  verifyOptions(options, 'judging')
  const { report, snapshot } = await withPlugins(options.plugins, (plugins) =>
    runSaved(states, judgeSettings({ ...options, plugins }), plugins),
  )
  return { report: ofLibrary(report), snapshot }
}
