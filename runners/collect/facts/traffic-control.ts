/** What tc does to the packets of links: `tc qdisc show`, and the filters of those that have any. */
import { present } from '../../../checks/model/present.ts'
import type {
  FilterAction,
  LinkFilter,
  Qdisc,
  TrafficControl,
} from '../../../checks/model/traffic-control.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

const QDISC = /^qdisc (\S+) \S+ (?:dev (\S+) )?(.*?) *$/
const FILTER = /^filter (?:parent \S+ )?protocol (\S+) pref \d+ (\S+)(.*?) *$/
const UNITS: Readonly<Record<string, number>> = { b: 1, Kb: 1024, Mb: 1024 * 1024 }

function bytes(words: string): number | undefined {
  const [, amount, unit = 'b'] = /\bburst (\d+)(b|Kb|Mb)?/.exec(words) ?? []
  return amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 1)
}

/** `limit 1000p` of packets, `limit 15000b` of bytes. */
function limitOf(words: string): Qdisc['limit'] {
  const [, amount, unit = ''] = /\blimit (\d+)(p|b|Kb|Mb)\b/.exec(words) ?? []
  if (amount === undefined) return undefined
  if (unit === 'p') return { most: Number(amount), unit: 'packets' }
  return { most: Number(amount) * (UNITS[unit] ?? 1), unit: 'bytes' }
}

const RATES: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** `rate 1Kbit`, `ceil 10Mbit`, `bandwidth 5Mbit`, bits a second. */
function rateIn(words: string, name: string): number | undefined {
  const [, amount, unit = ''] = new RegExp(`\\b${name} ([\\d.]+)([KMGT]?)bit`).exec(words) ?? []
  return amount === undefined ? undefined : Number(amount) * (RATES[unit] ?? 1)
}

/** Classes of htb by their link: together they let out as much as the fastest may. */
function withClasses(qdiscs: readonly Qdisc[], lines: readonly string[]): readonly Qdisc[] {
  const fastest = new Map<string, number>()
  let link = ''
  for (const line of lines) {
    link = /^classes (\S+)$/.exec(line)?.[1] ?? link
    const ceiling = /^class htb /.test(line) ? rateIn(line, 'ceil') : undefined
    if (ceiling !== undefined) fastest.set(link, Math.max(ceiling, fastest.get(link) ?? 0))
  }
  return qdiscs.map((one) => {
    const bitsPerSecond = one.kind === 'htb' && one.isRoot ? fastest.get(one.link) : undefined
    return bitsPerSecond === undefined ? one : { ...one, bitsPerSecond }
  })
}

/** What of a kind says how much it lets out. */
const RATE_NAMES: Readonly<Record<string, string>> = { tbf: 'rate', cake: 'bandwidth', netem: 'rate' }

function rateOf(kind: string, words: string): number | undefined {
  const name = RATE_NAMES[kind]
  return name === undefined ? undefined : rateIn(words, name)
}

function qdisc(line: string): Qdisc | undefined {
  const [, kind, link, words = ''] = QDISC.exec(line) ?? []
  if (kind === undefined || link === undefined) return undefined
  const [, loss] = /\bloss (?:random )?([\d.]+)%/.exec(words) ?? []
  return present({
    link,
    kind,
    isRoot: /^root\b/.test(words),
    lossPercent: kind === 'netem' && loss !== undefined ? Number(loss) : undefined,
    burst: kind === 'tbf' ? bytes(words) : undefined,
    limit: limitOf(words),
    bitsPerSecond: rateOf(kind, words),
    text: line.trim(),
  })
}

function actionOf(kind: string, text: string): FilterAction {
  if (kind === 'bpf') return 'program'
  if (/\bpolice\b/.test(text)) return 'limit'
  if (/\bmirred \(\w+ Redirect/.test(text)) return 'redirect'
  if (/\baction drop\b/.test(text)) return 'drop'
  return /\baction (?:pass|ok)\b/.test(text) ? 'pass' : 'none'
}

/** Lines below a filter that match nothing. */
const ASIDE =
  /^(?:not_in_hw|in_hw|skip_hw|skip_sw|eth_type|action |index |rate |mtu |\(|random |ref |ht divisor)/

function filter(
  place: Pick<LinkFilter, 'link' | 'direction'>,
  lines: readonly string[],
): LinkFilter | undefined {
  const [head = '', ...below] = lines
  const [, protocol, kind, rest = ''] = FILTER.exec(head) ?? []
  // A filter is printed once for its kind, of u32 also for its table, then with its handle.
  const isWhole = / fh \S+::\S+| handle /.test(rest)
  if (protocol === undefined || kind === undefined || !isWhole) return undefined
  const keys = below.map((line) => line.trim()).filter((line) => line !== '' && !ASIDE.test(line))
  const all = lines.join('\n')
  const [, redirectedTo] = /\bmirred \(\w+ Redirect to device ([^\s)]+)/.exec(all) ?? []
  const [, preference] = / pref (\d+) /.exec(head) ?? []
  return {
    ...place,
    kind,
    protocol,
    keys,
    action: actionOf(kind, all),
    ...present({ redirectedTo, preference: preference === undefined ? undefined : Number(preference) }),
    text: head.trim(),
  }
}

function filtersOf(lines: readonly string[]): readonly LinkFilter[] {
  const [, link, direction] = /^filters (\S+) (ingress|egress)$/.exec(lines[0] ?? '') ?? []
  if (link === undefined || direction === undefined) return []
  const blocks: string[][] = []
  for (const line of lines.slice(1)) {
    if (line.startsWith('filter ')) blocks.push([line])
    else blocks.at(-1)?.push(line)
  }
  const place = { link, direction: direction as LinkFilter['direction'] }
  return blocks.flatMap((block) => filter(place, block) ?? [])
}

function parse(text: string): Parsed<TrafficControl> {
  const parts: string[][] = [[]]
  for (const line of textLines(text)) {
    if (/^(?:filters|classes) /.test(line)) parts.push([])
    parts.at(-1)?.push(line)
  }
  const [first = [], ...rest] = parts
  const odd = first.find((line) => !/^qdisc |^\s/.test(line))
  if (odd !== undefined)
    return { problem: { why: 'unparsable', detail: `not a line of tc qdisc: ${odd.slice(0, 80)}` } }
  const qdiscs = first.flatMap((line) => qdisc(line) ?? []).filter(({ kind }) => kind !== 'noqueue')
  return { value: { qdiscs: withClasses(qdiscs, rest.flat()), filters: rest.flatMap(filtersOf) } }
}

const SCRIPT = `command -v tc >/dev/null || exit 0
shown=$(tc qdisc show) || exit
printf '%s\\n' "$shown"
while read -r _ kind _ _ link _; do
  case $kind in
    clsact|ingress) ;;
    htb) echo "classes $link"; tc class show dev "$link" 2>/dev/null; continue ;;
    *) continue ;;
  esac
  for way in ingress egress; do
    echo "filters $link $way"
    tc filter show dev "$link" $way 2>/dev/null
  done
done <<END
$shown
END
exit 0`

export const trafficControl: FactCollector<'trafficControl'> = {
  fact: 'trafficControl',
  command: 'tc qdisc show',
  isRecent: true,
  // A host without tc can have nothing of it but by other programs, which then say so themselves.
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
