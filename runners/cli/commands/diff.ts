/** `diff A B`: two saved states or reports, what changed in flannel's terms. */
import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { toDotPath } from 'zod/v4/core'
import { diffStatus } from '../../../reports/diff/diff-figures.ts'
import { DIFF_FORMATS } from '../../../reports/diff/diff-formats.ts'
import { isNewFault } from '../../../reports/diff/report-diff.ts'
import type { Report } from '../../../reports/document/report.ts'
import { NAGIOS_STATUS } from '../../../reports/programs/nagios.ts'
import { isArchive } from '../../collect/saved/state-folder.ts'
import { InputError } from '../../input-error.ts'
import { type DiffInput, diffReports } from '../../run/compared/diff-reports.ts'
import type { JudgeSettings } from '../../run/judging/judge.ts'
import { judgeSettings, runSaved } from '../../run/run-inventory.ts'
import type { LoadSettings } from '../../run/saved/saved-cluster.ts'
import { ownVersion } from '../../version.ts'
import type { DiffFlags } from '../options/flags.ts'
import { namedFormats } from '../options/named-format.ts'
import { outputOptions, type Surroundings } from '../options/options.ts'
import { type CommandOutput, isForMonitor, renderWith } from '../options/output.ts'
import { pluginsOf } from '../options/plugin-flags.ts'

/** A report of a thousand hosts has some 30 MB. */
const LARGEST = 256 * 1024 * 1024

const subject = z.object({
  host: z.string().optional(),
  peer: z.string().optional(),
  object: z.string().optional(),
})
const finding = z.object({
  code: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  subject,
  message: z.string(),
  waived: z.object({ reason: z.string(), until: z.string().optional() }).optional(),
})
const reference = z.object({ code: z.string(), subject })
const causes = z.array(reference.extend({ explains: z.array(reference) })).default([])
const lease = z.object({
  subnet: z.string(),
  publicIp: z.string(),
  host: z.string().optional(),
  vtepMac: z.string().optional(),
})
const text = z.string()

/** The part of a report that is compared. */
const document = z.object({
  schemaVersion: z.literal(1),
  verdict: z.enum(['healthy', 'at-risk', 'broken', 'undecided', 'no-flannel']),
  run: z.object({ startedAt: text, recorded: z.object({ at: text }).optional() }),
  network: z
    .object({ prefix: text, api: text, config: text, backend: text, network: text, leases: z.array(lease) })
    .nullable(),
  hosts: z.array(z.object({ name: text, reachable: z.boolean(), problem: text.optional() })),
  results: z.array(z.object({ findings: z.array(finding) })),
  causes,
  waived: causes,
})

async function reportFile(path: string, bytes: number): Promise<Report> {
  if (bytes > LARGEST)
    throw new InputError(`${path}: a report of at most ${LARGEST} bytes is expected, it has ${bytes}`)
  const content = await readFile(path, 'utf8')
  try {
    return document.parse(JSON.parse(content)) as unknown as Report
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : []
    const why =
      issue === undefined ? 'it is no JSON' : `${toDotPath(issue.path) || 'all of it'}: ${issue.message}`
    throw new InputError(`${path}: expected a saved state or a report made with --format json: ${why}`)
  }
}

async function loaded(path: string, judging: JudgeSettings, saved: LoadSettings): Promise<DiffInput> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: ${error.code === 'ENOENT' ? 'no such file or folder' : error.code}`)
  })
  if (found.isDirectory() || isArchive(path)) return { from: path, ...(await runSaved(path, judging, saved)) }
  if (!found.isFile()) throw new InputError(`${path}: expected a folder or a regular file`)
  return { from: path, report: await reportFile(path, found.size) }
}

/** Compares two saved states or reports; exit 1 where something is new. Throws InputError. */
export async function diff(
  [before, after]: readonly [string, string],
  flags: DiffFlags,
  around: Surroundings,
): Promise<CommandOutput> {
  const output = outputOptions(flags, around)
  const named = namedFormats(DIFF_FORMATS, output.formats)
  const plugins = await pluginsOf(flags)
  const judging = judgeSettings({ ...flags, plugins })
  const settings = { facts: plugins.facts, signal: around.signal }
  const sides = [await loaded(before, judging, settings), await loaded(after, judging, settings)] as const
  around.signal.throwIfAborted() // half a side differs from the other by what was not read
  const changes = diffReports(...sides, ownVersion())
  const exit = isForMonitor(named)
    ? NAGIOS_STATUS.indexOf(diffStatus(changes))
    : Number(changes.findings.new.some(isNewFault))
  return { ...renderWith(DIFF_FORMATS, changes, output), exit }
}
