/** IPsec policies, which block packets or want them encrypted: `ip xfrm policy list`. */
import type { Xfrm, XfrmPolicy } from '../../../checks/model/xfrm.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

const HEAD = /^src \S+ dst \S+/
const POLICY =
  /^src (?<source>[\d./]+) dst (?<destination>\S+) ?(?<words>.*?) *\n\s+dir (?<direction>in|out|fwd)\b(?<rest>.*)$/

/** `proto icmp type 8 code 0` as pairs of words. */
function pairs(text: string): readonly string[] {
  return text.match(/\S+ \S+/g) ?? []
}

/** What stands below the first two lines: marks, interface ids, and the associations that it wants. */
function below(lines: readonly string[]) {
  const text = lines.join('\n')
  const templates = text.split(/^\s+tmpl /m).slice(1)
  return {
    selectors: text.match(/\b(?:mark|if_id) \S+/g) ?? [],
    isRequired: templates.some((one) => !/\blevel use\b/.test(one)),
  }
}

/** One policy; undefined for one of a socket, which no other packet meets, and for IPv6. */
function policy([head = '', second = '', ...more]: readonly string[]): XfrmPolicy | undefined {
  const found = POLICY.exec(`${head}\n${second}`)?.groups
  if (found === undefined) return undefined
  const { source = '', destination = '', words = '', direction, rest = '' } = found
  const { selectors, isRequired } = below(more)
  const [, priority] = /\bpriority (\d+)/.exec(rest) ?? []
  return {
    direction: direction as XfrmPolicy['direction'],
    source,
    destination,
    selectors: [...pairs(words), ...selectors],
    priority: Number(priority),
    isBlock: rest.includes(' action block'),
    isRequired,
    text: [head, second].map((line) => line.trim()).join(' '),
  }
}

/** Policies and their number of associations; a problem where a line is none of theirs. */
export function parseXfrm(text: string): Parsed<Xfrm> {
  const blocks: string[][] = []
  let associations = 0
  for (const line of text.split('\n')) {
    const [, count] = /^\s*SAD count (\d+)/.exec(line) ?? []
    if (count !== undefined) associations = Number(count)
    else if (HEAD.test(line)) blocks.push([line])
    else if (/^\s/.test(line)) blocks.at(-1)?.push(line)
    else if (line !== '')
      return { problem: { why: 'unparsable', detail: `not a line of ip xfrm: ${line.slice(0, 80)}` } }
  }
  return { value: { policies: blocks.flatMap((block) => policy(block) ?? []), associations } }
}

/** A kernel or an ip without IPsec has no policies. */
const SCRIPT = `said=$(ip xfrm policy list 2>&1) || case $said in
  *'not supported'*|*'is unknown'*|*applet*|*'nvalid argument'*) exit 0 ;;
  *) printf '%s\\n' "$said" >&2; exit 1 ;;
esac
[ -n "$said" ] || exit 0
printf '%s\\n' "$said"
ip xfrm state count 2>/dev/null || true`

export const xfrm: FactCollector<'xfrm'> = {
  fact: 'xfrm',
  command: 'ip xfrm policy list',
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => parseXfrm(stdout),
}
