/**
 * The subnet file. Where nothing else is named it is the running flanneld's own, told by
 * its flag or its environment (flannel `main.go`: a flag on the command line wins).
 */
import { parsePrefix } from '../../../checks/model/address.ts'
import { present } from '../../../checks/model/present.ts'
import type { SubnetEnv } from '../../../checks/model/subnet-env.ts'
import { posixQuote } from '../../hosts/command/quote.ts'
import type { CollectSettings, FactCollector, Parsed } from '../section/section.ts'

/** flannel `main.go`, default of -subnet-file. */
const DEFAULT_PATH = '/run/flannel/subnet.env'

/** Sets `f` to the file that the running flanneld was told to write. */
const FIND_PATH = `flag subnet-file "$FLANNELD_WORDS"
f=$FLAG
set -f; IFS=$IFS_LINE
for w in $FLANNELD_WORDS; do
  case $w in
    env=FLANNELD_SUBNET_FILE=*) f=\${f:-\${w#env=FLANNELD_SUBNET_FILE=}} ;;
  esac
done
unset IFS; set +f
f=\${f:-${DEFAULT_PATH}}`

/** flannel writes five lines. */
const MOST_BYTES = 65_536

/**
 * The name may come from a process: only a regular file is opened, where flanneld is not root's only a file of its own,
 * and only lines that flannel could have written leave the host.
 */
const READ = `printf 'path=%s\\n' "$f"
if [ -d "$f" ]; then echo "$f is a folder: no such file or directory" >&2; exit 1; fi
if [ -e "$f" ] && [ ! -f "$f" ]; then echo "$f is no regular file" >&2; exit 1; fi
if [ -n "$told" ] && [ -n "$FLANNELD_USER" ] && [ -e "$f" ] && [ "$(stat -L -c %u -- "$f")" != "$FLANNELD_USER" ]; then
  echo "$f: permission denied, it does not belong to the user of flanneld" >&2; exit 1
fi
if [ -n "$told" ] && [ -n "$FLANNELD_HIDDEN" ] && [ -z "$FLANNELD_PIDS" ] && [ ! -e "$f" ]; then
  echo "which file flanneld writes: permission denied to see its command line" >&2; exit 1
fi
stat -c mtime=%Y -- "$f" 2>/dev/null
text=$(head -c ${MOST_BYTES} -- "$f") || exit
printf '%s\\n' "$text" | sed -n '/^[^#=]*FLANNEL_[A-Z0-9_]*=/p'`

/**
 * The file of flanneld where another one is named and is older, seen as flanneld sees it: of a flanneld in a container two
 * names may be one file. Of several flannelds it is not known which one is meant.
 */
const ELSEWHERE = `case $FLANNELD_PIDS in
  ' '*' '*|'') ;;
  *)
    own=/proc/\${FLANNELD_PIDS# }/root$f
    if [ -f "$own" ] && [ -f "$named" ] && [ "$own" -nt "$named" ]; then printf 'own=%s\\n' "$f"; fi ;;
esac`

function script({ subnetFile }: CollectSettings): string {
  if (subnetFile === undefined) return `${FIND_PATH}\ntold=1\n${READ}`
  return `named=${posixQuote(subnetFile)}\n${FIND_PATH}\n${ELSEWHERE}\nf=$named told=\n${READ}`
}

type Field = 'network' | 'subnet' | 'mtu' | 'ipMasq'
const FIELDS: ReadonlyMap<string, Field> = new Map([
  ['FLANNEL_NETWORK', 'network'],
  ['FLANNEL_SUBNET', 'subnet'],
  ['FLANNEL_MTU', 'mtu'],
  ['FLANNEL_IPMASQ', 'ipMasq'],
])

function number(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** The value of a variable; undefined when it is not what flannel writes (`WriteSubnetFile`). */
function readValue(field: Field, text: string): unknown {
  if (field === 'mtu') return number(text)
  if (field === 'ipMasq') return text === 'true' ? true : text === 'false' ? false : undefined
  return parsePrefix(text)
}

interface Lines {
  readonly fields: Record<string, unknown>
  readonly otherLines: string[]
  broken?: string
}

/**
 * A value as a shell, systemd's EnvironmentFile and flanneld itself (godotenv) take it: bare or quoted, parts side
 * by side. Undefined where a quote is not closed.
 */
function unquote(text: string): string | undefined {
  const part = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)/sy
  let value = ''
  while (part.lastIndex < text.length) {
    const [, double, single, escaped, bare] = part.exec(text) ?? []
    const found = double?.replaceAll(/\\(.)/gs, '$1') ?? single ?? escaped ?? bare
    if (found === undefined) return undefined
    value += found
  }
  return value
}

function assign(lines: Lines, field: Field, line: string): void {
  const text = unquote(line.slice(line.indexOf('=') + 1).trim())
  const value = text === undefined ? undefined : readValue(field, text)
  if (value === undefined) lines.broken ??= line
  lines.fields[field] = value
}

/** A line of the file; a shell takes it with `export` as well. */
function readLine(lines: Lines, line: string): void {
  const name = /^\s*(?:export\s+)?([A-Za-z_]\w*)=/.exec(line)?.[1] ?? ''
  const field = FIELDS.get(name)
  if (field !== undefined) assign(lines, field, line)
  else if (line.startsWith('path=')) lines.fields.path = line.slice('path='.length)
  else if (line.startsWith('mtime=')) lines.fields.modifiedAt = number(line.slice('mtime='.length).trim())
  else if (line.startsWith('own=')) lines.fields.writtenElsewhere = line.slice('own='.length)
  else lines.otherLines.push(line)
}

function parse(stdout: string): Parsed<SubnetEnv> {
  const lines: Lines = { fields: { path: DEFAULT_PATH }, otherLines: [] }
  for (const line of stdout.split('\n')) {
    if (line.trim() !== '' && !/^\s*[#;]/.test(line)) readLine(lines, line)
  }
  const path = String(lines.fields.path)
  if (lines.broken !== undefined) {
    return {
      problem: {
        why: 'unparsable',
        detail: `${path}: the line ${lines.broken.slice(0, 120)} has no usable value`,
      },
    }
  }
  const hasCarriageReturns = stdout.includes('\r') || undefined
  return {
    value: present({ path, ...lines.fields, hasCarriageReturns, otherLines: lines.otherLines }) as SubnetEnv,
  }
}

export const subnetEnv: FactCollector<'subnetEnv'> = {
  fact: 'subnetEnv',
  command: `cat ${DEFAULT_PATH}`,
  commandFor: ({ subnetFile }) => `cat ${subnetFile ?? DEFAULT_PATH}`,
  script,
  parse: ({ stdout }) => parse(stdout),
}
