/**
 * Joins the sections of one host into one POSIX shell script, run as `sh -s`. Each section
 * runs in a subshell with no input, between its marks (frames.ts).
 */
import { prelude } from './prelude.ts'
import type { CollectSettings, FactCollector } from './section.ts'

/** How the script is started; it comes on standard input. */
export const SCRIPT_ARGV: readonly string[] = ['sh', '-s']

const HEADER = /^# sections ([0-9a-f]{32}) ([\w. -]+)\n/

/** The first line names token and sections, so that a replay can answer without a shell. */
function header(token: string, collectors: readonly FactCollector[]): string {
  return `# sections ${token} ${collectors.map(({ fact }) => fact).join(' ')}`
}

/** What a script made by `collectScript` asks for; undefined for any other text. */
export function parseScriptHeader(
  script: string,
): { readonly token: string; readonly names: readonly string[] } | undefined {
  const match = HEADER.exec(script)
  return match?.[1] === undefined ? undefined : { token: match[1], names: (match[2] ?? '').split(' ') }
}

function marks(token: string): string {
  return `begin() { printf '\\n${token} begin %s\\n' "$1"; printf '\\n${token} begin %s\\n' "$1" >&2; }
end() { printf '\\n${token} end %s %s\\n' "$1" "$2"; printf '\\n${token} end %s %s\\n' "$1" "$2" >&2; }`
}

/** The script that prints the sections of `collectors` in their order. */
export function collectScript(
  token: string,
  collectors: readonly FactCollector[],
  settings: CollectSettings,
): string {
  const sections = collectors.map(
    ({ fact, script }) => `begin ${fact}\n(\n${script(settings)}\n) </dev/null\nend ${fact} $?`,
  )
  return [header(token, collectors), marks(token), prelude(settings), ...sections, 'exit 0', ''].join('\n')
}
