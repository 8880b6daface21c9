/** Sets that rules name by `-m set --match-set`: `ipset save`. */
import type { Ipset, IpsetMember, Ipsets } from '../../../checks/model/ipset.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

interface OpenSet extends Ipset {
  readonly members: IpsetMember[]
}

/** `add NAME 10.0.0.0/8,tcp:80 nomatch timeout 30` */
function memberOf(value: string, options: readonly string[]): IpsetMember {
  return { parts: value.split(','), isException: options.includes('nomatch') }
}

function parse(text: string): Parsed<Ipsets> {
  const sets = new Map<string, OpenSet>()
  for (const line of textLines(text)) {
    const [verb, name = '', value = '', ...options] = line.split(' ')
    if (verb === 'create') sets.set(name, { name, type: value, members: [] })
    else if (verb === 'add') sets.get(name)?.members.push(memberOf(value, options))
    else if (line !== '')
      return { problem: { why: 'unparsable', detail: `not a line of ipset save: ${line}` } }
  }
  return { value: sets }
}

export const ipsets: FactCollector<'ipsets'> = {
  fact: 'ipsets',
  command: 'ipset save',
  isRecent: true,
  // A host without the tool may have sets of another program: a rule that names one is then not followed.
  script: () => 'command -v ipset >/dev/null || exit 0; ipset save',
  parse: ({ stdout }) => parse(stdout),
}
