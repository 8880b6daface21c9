/** `lab versions`. */
import { existsSync, readFileSync } from 'node:fs'
import { LAB_VERSIONS, runVersions } from '../../conformance/versions.ts'
import { isKept, type VersionRun, versionsMarkdown, versionsText } from '../../conformance/versions-table.ts'
import { InputError } from '../../input-error.ts'
import { LabError } from '../../lab/lab-error.ts'
import type { LabBackend } from '../../lab/plan/plan-config.ts'
import type { Flags, Surroundings } from '../options/options.ts'
import type { CommandOutput } from '../options/output.ts'

const BACKENDS: readonly LabBackend[] = ['vxlan', 'host-gw', 'udp']
const [START, END] = ['<!-- versions -->', '<!-- /versions -->']

/** Puts a section between the markers of a document, which stay; a document without them is only the section. */
function between(document: string, section: string): string {
  const [before, rest] = document.split(START)
  const after = rest?.split(END)[1]
  if (rest === undefined || after === undefined) return section
  return `${before}${START}\n\n${section}\n${END}${after}`
}

function json(runs: readonly VersionRun[]): string {
  const plain = runs.map(({ clauses, ...run }) => ({
    ...run,
    clauses: clauses.map(({ clause, status, reason }) => ({ id: clause.id, status, reason })),
  }))
  return `${JSON.stringify(plain, undefined, 2)}\n`
}

function rendered(runs: readonly VersionRun[], format: string): Pick<CommandOutput, 'stdout' | 'files'> {
  const [name = 'text', ...rest] = format.split('=')
  const file = rest.join('=')
  const texts = new Map([
    ['text', () => versionsText(runs)],
    ['markdown', () => versionsMarkdown(runs)],
    ['json', () => json(runs)],
  ])
  const text = texts.get(name)?.()
  if (text === undefined) throw new InputError(`--format ${name}: expected text, json or markdown`)
  if (file === '') return { stdout: text }
  const document = name === 'markdown' && existsSync(file) ? readFileSync(file, 'utf8') : ''
  return { stdout: '', files: new Map([[file, between(document, text)]]) }
}

/**
 * Runs the versions on the backends asked for. Exit 0 when every version keeps every clause that is of it, else
 * 1. Throws InputError for a version or format there is none of.
 */
export async function versions(flags: Flags, around: Surroundings): Promise<CommandOutput> {
  const format = (flags.format as string | undefined) ?? 'text'
  rendered([], format) // refuses a wrong format before minutes of work
  const backend = flags.backend as LabBackend | undefined
  const asked = (flags.versions as readonly string[] | undefined) ?? LAB_VERSIONS
  try {
    const runs = await runVersions({
      versions: asked.map((version) => (version.startsWith('v') ? version : `v${version}`)),
      backends: backend === undefined ? BACKENDS : [backend],
      signal: around.signal,
      say: around.say,
    })
    return { ...rendered(runs, format), exit: runs.every(isKept) ? 0 : 1 }
  } catch (error) {
    if (error instanceof LabError && error.problem === 'usage') throw new InputError(error.message)
    throw error
  }
}
