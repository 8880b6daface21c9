/** Offloads of the flannel links. ethtool is seldom installed, and no check of flannel's own needs it. */
import type { LinkOffloads, Offloads } from '../../../checks/model/offload.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

/** Links come from /proc/self/net, which is always that of the own network namespace, as /sys is not. */
const SCRIPT = `command -v ethtool >/dev/null || { echo 'not installed'; exit 0; }
while IFS=': ' read -r name rest; do
  case $name in flannel*) echo "link=$name"; ethtool -k "$name" 2>/dev/null ;; esac
done </proc/self/net/dev
exit 0`

const FEATURE = /^\s*([a-z0-9][\w-]*): (on|off)\b/

function features(lines: readonly string[]): LinkOffloads {
  const found = lines.flatMap((line) => {
    const [, name = '', state] = FEATURE.exec(line) ?? []
    return state === undefined ? [] : [{ name, state }]
  })
  const named = (wanted: string): readonly string[] =>
    found.filter(({ state }) => state === wanted).map(({ name }) => name)
  return { on: named('on'), off: named('off') }
}

function parse(text: string): Parsed<Offloads> {
  if (text.trim() === 'not installed')
    return { problem: { why: 'not-applicable', detail: 'ethtool is not installed' } }
  const blocks = text.split(/^link=/m)
  if (blocks[0]?.trim() !== '') return { problem: { why: 'unparsable', detail: 'no line link=' } }
  const links = blocks.slice(1).map((block): [string, LinkOffloads] => {
    const [name = '', ...lines] = block.split('\n')
    return [name, features(lines)]
  })
  return { value: new Map(links.filter(([, { on, off }]) => on.length + off.length > 0)) }
}

export const offloads: FactCollector<'offloads'> = {
  fact: 'offloads',
  command: 'ethtool -k flannel.1',
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
