/** `lab versions`. */

import {
  isKept,
  type VersionRun,
  versionsMarkdown,
  versionsText,
} from '../../../reports/matrix/versions-table.ts'
import { LAB_VERSIONS, runVersions } from '../../conformance/versions.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { LabVersionsFlags } from '../options/flags.ts'
import { renderedAs } from '../options/named-format.ts'
import type { Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'

const BACKENDS: readonly LabBackend[] = ['vxlan', 'host-gw', 'udp']

function json(runs: readonly VersionRun[]): string {
  const plain = runs.map(({ clauses, ...run }) => ({
    ...run,
    clauses: clauses.map(({ clause, status, reason }) => ({ id: clause.id, status, reason })),
  }))
  return `${JSON.stringify(plain, undefined, 2)}\n`
}

function rendered(
  runs: readonly VersionRun[],
  format: LabVersionsFlags['format'],
): Pick<CommandOutput, 'stdout' | 'files'> {
  const texts = {
    text: () => versionsText(runs),
    markdown: () => versionsMarkdown(runs),
    json: () => json(runs),
  }
  return renderedAs(texts, format)
}

/**
 * Runs the versions on the backends asked for. Exit 0 when every version keeps every clause that is of it, else
 * 1. Throws InputError for a version or format there is none of.
 */
export async function versions(flags: LabVersionsFlags, around: Surroundings): Promise<CommandOutput> {
  const format = flags.format
  rendered([], format) // refuses a wrong format before minutes of work
  const backend = flags.backend
  const asked = flags.versions ?? LAB_VERSIONS
  const runs = await runVersions({
    versions: asked.map((version) => (version.startsWith('v') ? version : `v${version}`)),
    backends: backend === undefined ? BACKENDS : [backend],
    signal: around.signal,
    say: around.say,
  })
  return { ...rendered(runs, format), exit: runs.every(isKept) ? 0 : 1 }
}
