/** The command that prints a proof, as narrow as it can be typed, and the part of its output that stands there. */
import type { Draft } from './check.ts'
import { isNamed } from './model/named.ts'
import { shellWord } from './model/shell-words.ts'
import type { Source } from './model/snapshot.ts'

/** A part of an output, and the command that prints it where it is another than that of the whole. */
export interface PrintedPart {
  readonly text: string
  readonly command?: string
}

type Printed = (found: string, raw: string, command: string) => PrintedPart | undefined

/** The pid of the process whose block a line of the section stands in. */
function pidBefore(raw: string, line: string): string | undefined {
  return [...raw.slice(0, raw.indexOf(line)).matchAll(/^pid=(\d+)$/gm)].at(-1)?.[1]
}

const ofFlanneld: Printed = (found, raw) => {
  const [, key = '', value = ''] = /^([a-z]+)=(.*)$/s.exec(found) ?? []
  const pid = pidBefore(raw, found)
  if (pid === undefined || value === '') return undefined
  if (key === 'argv') return { text: value, command: `tr '\\0' '\\n' < /proc/${pid}/cmdline` }
  if (key === 'env') return { text: value, command: `tr '\\0' '\\n' < /proc/${pid}/environ` }
  return key === 'state' ? { text: value, command: `ps -o stat= -p ${pid}` } : undefined
}

/** `grep` prints the settings with their files in front, as they are called below /proc/sys. */
const ofSysctls: Printed = (found) => {
  const [, path] = /^([\w./-]+):/.exec(found) ?? []
  return path === undefined ? undefined : { text: found, command: `cd /proc/sys && grep -H '' ${path}` }
}

/** A key stands with its value on the next line. */
const ofDatastore: Printed = (found, raw) => {
  if (!found.startsWith('/') || !raw.includes(`${found}\n{`)) return { text: found }
  const [value = ''] = raw.slice(raw.indexOf(`${found}\n{`) + found.length + 1).split('\n')
  return { text: `${found}\n${value}` }
}

const NFT_PLACE = /"family": ?"(\w+)", ?"table": ?"([^"]+)", ?"chain": ?"([^"]+)", ?"handle":/

/** A rule of nft as the listing of its chain prints it. */
const ofNftables: Printed = (found, _raw, command) => {
  const words = NFT_PLACE.exec(found)?.slice(1).map(shellWord)
  if (words === undefined || words.includes(undefined)) return { text: found }
  const [before = ''] = /^.*?(?=\bnft )/.exec(command) ?? []
  return { text: found, command: `${before}nft -j list chain ${words.join(' ')}` }
}

/** Marks in front of what a tool printed inside a container (`runners/collect/facts/container-network.ts`). */
const MARK = /^(?:saved|nft|legacy)=/

/** What was read inside a container as its own command prints it. */
const ofContainers: Printed = (found, raw, command) => {
  const [words] = / grep /.test(command) ? command.split(' grep ') : []
  const sysctl = words === undefined ? undefined : ofSysctls(found, raw, command)
  if (sysctl?.command !== undefined) return { text: found, command: `${words} sh -c "${sysctl.command}"` }
  return / nft /.test(command) ? ofNftables(found, raw, command) : { text: found.replace(MARK, '') }
}

/** Sections whose lines are not those of the command a person types for them. */
const PRINTED: Readonly<Record<string, Printed>> = {
  flanneld: ofFlanneld,
  sysctls: ofSysctls,
  ipv6: (found, raw, command) => ofSysctls(found, raw, command) ?? { text: found },
  datastore: ofDatastore,
  nftables: ofNftables,
  containers: ofContainers,
}

/** A found part as a command prints it; undefined where no command of a person prints it. */
export function printedPart(
  { section, command }: Source,
  found: string,
  raw: string,
): PrintedPart | undefined {
  const printed = PRINTED[section]
  return printed === undefined ? { text: found } : printed(found, raw, command)
}

/** Narrower commands for one thing, by section. */
const NARROWED: Readonly<Record<string, string>> = {
  links: '-s -s -d link show',
  addresses: '-d addr show',
}

/** The file of the network namespace that a proof is about, as a word of the shell. */
function namespaceWord(name: string, { data }: Pick<Draft, 'data'>): string | undefined {
  const space =
    data?.namespace ?? (data?.container === undefined ? undefined : `/run/netns/${data.container}`)
  return shellWord(String(space ?? `/run/netns/${name.split(' ').at(-1)}`))
}

/** What is typed for `ip addr show`: inside a namespace that which prints the part. */
function shownBy(command: string, part: PrintedPart | undefined): string {
  if (!command.startsWith('nsenter')) return 'ip addr show'
  return part?.text.includes('"dst"') ? 'ip -j -d route show' : 'ip -j -d addr show'
}

/** Files and names that a section's command leaves open. */
export function filled(command: string, draft: Pick<Draft, 'object' | 'data'>, part?: PrintedPart): string {
  const name = objectName(draft)
  return command
    .replace('ip addr show', shownBy(command, part))
    .replace('/run/netns/NAME', namespaceWord(name, draft) ?? 'NAME')
    .replace('-in FILE', `-in ${shellWord(name) ?? 'FILE'}`)
}

function objectName({ object }: Pick<Draft, 'object'>): string {
  return isNamed(object) ? object.name : (object ?? '')
}

/** The command to be shown with a proof. */
export function narrowed(
  source: Source,
  draft: Pick<Draft, 'object' | 'data'>,
  part: PrintedPart | undefined,
): string {
  if (part?.command !== undefined) return part.command
  const { object } = draft
  const narrow = isNamed(object) && object.kind === 'link' ? NARROWED[source.section] : undefined
  const word = isNamed(object) ? shellWord(object.name) : undefined
  const json = source.command.startsWith('ip -j ') ? '-j ' : ''
  if (narrow !== undefined && word !== undefined) return `ip ${json}${narrow} ${word}`
  return filled(source.command, draft, part)
}
