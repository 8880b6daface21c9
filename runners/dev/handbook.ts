/** The handbook: the pages of all checks, clauses, faults and profiles, as `npm run docs` writes and the package ships it. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Marked } from 'marked'
import type { Check } from '../../checks/check.ts'
import type { Clause } from '../../checks/clauses/clause.ts'
import { PROFILE_SAYS } from '../../checks/clauses/profiles.ts'
import { CLAUSES } from '../../checks/clauses/registry.ts'
import { CHECKS } from '../../checks/registry.ts'
import { FAULTS } from '../../fixtures/all-faults.ts'
import { type HandbookEntry, type HandbookPart, handbookPage } from '../../reports/html/handbook-page.ts'
import { versionRange } from '../cli/commands/explain-clause.ts'
import { ownVersion } from '../version.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Headings of a page begin below that of the handbook's part; HTML in a page is shown as text. */
const markdown = new Marked({
  renderer: {
    heading({ tokens, depth }) {
      const level = Math.min(depth + 1, 6)
      return depth === 1 ? '' : `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`
    },
    html: ({ text }) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;'),
    table(token) {
      const row = (cells: typeof token.header, [start, end]: readonly [string, string]): string =>
        `<tr>${cells.map((cell) => `${start}${this.parser.parseInline(cell.tokens)}${end}`).join('')}</tr>`
      const head = row(token.header, ['<th scope="col">', '</th>'])
      const rows = token.rows.map((cells) => row(cells, ['<td>', '</td>']))
      return `<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table></div>`
    },
  },
})

function checkEntry({ id, title, findings }: Check): HandbookEntry {
  const text = readFileSync(`${ROOT}checks/${id}.md`, 'utf8')
  const kinds = Object.entries(findings as Check['findings'])
  const causes = kinds.flatMap(([code, { explains = [] }]) =>
    explains.length === 0 ? [] : [[`${code} explains`, explains.map((edge) => edge.code)] as const],
  )
  return {
    name: id,
    title,
    marks: kinds.map(([code, { severity }]) => `${code}: ${severity}`),
    facts: causes,
    body: { markup: markdown.parse(text) as string },
  }
}

function clauseEntry(clause: Clause): HandbookEntry {
  const { id, level, says, source, backends, profiles, proof } = clause
  return {
    name: id,
    title: says,
    marks: [level],
    facts: [
      ['source', [source]],
      ['versions', [versionRange(clause)]],
      ['backends', backends ?? ['all']],
      ['profiles', profiles],
      proof.kind === 'static' ? ['broken by', proof.codes] : ['shown by the action', [proof.scenario]],
    ],
  }
}

function faultEntry({ id, title, backends, expect }: (typeof FAULTS)[number]): HandbookEntry {
  const { cause } = expect
  return {
    name: id,
    title,
    marks: backends,
    facts: [
      ['found as', [cause].flat()],
      ['try it', [`flannel-doctor lab up --backend ${backends[0]} && flannel-doctor lab inject ${id}`]],
    ],
  }
}

/** Everything that `explain` knows by name, in the order of the packet's way. */
function parts(): readonly HandbookPart[] {
  const layers = [...Map.groupBy<string, Check>(CHECKS, ({ id }) => id.split('/')[0] ?? '')]
  const profiles = Object.entries(PROFILE_SAYS).map(([name, says]) => ({
    name,
    title: says,
    marks: [],
    facts: [
      [
        'clauses',
        CLAUSES.filter((clause) => (clause.profiles as readonly string[]).includes(name)).map(({ id }) => id),
      ],
    ] as const,
  }))
  return [
    ...layers.map(([layer, checks]) => ({
      id: `layer-${layer}`,
      title: layer,
      entries: checks.map(checkEntry),
    })),
    { id: 'clauses', title: 'Clauses', entries: CLAUSES.map(clauseEntry) },
    { id: 'profiles', title: 'Profiles', entries: profiles },
    { id: 'faults', title: 'Faults', entries: FAULTS.map(faultEntry) },
  ]
}

/** The page as HTML. */
export function handbook(): string {
  return handbookPage(parts(), ownVersion())
}

/** Writes it as handbook.html of a folder, which is made where it is missing; gives its path. */
export function writeHandbook(folder: string): string {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'handbook.html')
  writeFileSync(file, handbook())
  return file
}
