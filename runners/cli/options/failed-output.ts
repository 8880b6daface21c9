/** A command that died before it had a report: pipelines and monitors are told in the formats they asked for. */
import type { FailedRun } from '../../../reports/document/failed-run.ts'
import { InputError } from '../../input-error.ts'
import { ownVersion } from '../../version.ts'
import type { OutputFlags } from './flags.ts'
import { namedFormats } from './named-format.ts'
import { outputOptions, type Surroundings } from './options.ts'
import type { CommandOutput } from './output.ts'

const BAD_INPUT = 2
const OWN_ERROR = 3
/** What a monitor takes for "unknown". */
const UNKNOWN = 3

/** Ends a command whose failure was said already. */
export class Told extends Error {}

function failedRun(error: unknown): FailedRun {
  const message = error instanceof Error ? error.message : String(error)
  return { version: ownVersion(), startedAt: new Date().toISOString(), message }
}

async function failedOutput(error: unknown, formats: readonly string[]): Promise<CommandOutput> {
  const { REPORTERS } = await import('../../../reports/registry.ts')
  const files = new Map<string, string>()
  const printed: string[] = []
  let exit = error instanceof InputError ? BAD_INPUT : OWN_ERROR
  const run = failedRun(error)
  // Formats of plugins have nothing for a run that died.
  const ours = formats.filter((format) => !/^[^=]*\//.test(format))
  for (const { name, format, file } of namedFormats(REPORTERS, ours)) {
    const rendered = (await format.failed?.())?.(run)
    if (rendered === undefined) continue
    if (file !== undefined) files.set(file, rendered)
    else printed.push(rendered)
    if (name === 'nagios' && file === undefined) exit = UNKNOWN
  }
  return { stdout: printed.join('\n'), files, exit, error }
}

/** The output of a command, or of its failure. Rejects only for formats that are not known. */
async function orFailed(
  work: Promise<CommandOutput>,
  flags: OutputFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  try {
    return await work
  } catch (error) {
    if (around.signal.aborted) throw error
    return failedOutput(error, outputOptions(flags, around).formats).catch(() => {
      throw error
    })
  }
}

/** Writes the output of a command, or of its failure. */
export function finish(
  work: Promise<CommandOutput>,
  flags: OutputFlags,
  around: Surroundings,
): Promise<void> {
  return around.finish(orFailed(work, flags, around))
}
