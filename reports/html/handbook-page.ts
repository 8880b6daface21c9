/** Every page that `explain` knows as one page with a search: checks, clauses, faults, profiles. */
import { html, type Markup } from '../layout/html-template.ts'
import { plural } from '../words/subject-text.ts'
import { type PageSection, page } from './page.ts'
import { chip } from './tables.ts'

/** What `explain` tells of one name. */
export interface HandbookEntry {
  /** The name it is explained by, and its anchor. */
  readonly name: string
  readonly title: string
  /** Finding codes, levels: short words beside the title. */
  readonly marks: readonly string[]
  /** Labels with texts; names of other entries among them become links. */
  readonly facts: readonly (readonly [label: string, values: readonly string[]])[]
  readonly body?: Markup
}

export interface HandbookPart {
  readonly id: string
  readonly title: string
  readonly entries: readonly HandbookEntry[]
}

/** `fdb/peer-vtep:missing` is told on the page of `fdb/peer-vtep`. */
function linked(value: string, names: ReadonlySet<string>): Markup {
  const [name = ''] = value.split(/[: ]/)
  return names.has(name) ? html`<a href="#${name}">${value}</a>` : html`${value}`
}

function factsMarkup({ facts }: HandbookEntry, names: ReadonlySet<string>): Markup {
  if (facts.length === 0) return html``
  const rows = facts.map(
    ([label, values]) =>
      html`<div><dt>${label}</dt>${values.map((value) => html`<dd>${linked(value, names)}</dd>`)}</div>`,
  )
  return html`<dl class="facts">${rows}</dl>`
}

function entryMarkup(entry: HandbookEntry, names: ReadonlySet<string>): Markup {
  const { name, title, marks, body = html`` } = entry
  return html`<details class="entry card" id="${name}"><summary><b>${title}</b> <code>${name}</code> ${marks.map((mark) => chip(mark))}</summary>
${factsMarkup(entry, names)}${body}</details>
`
}

function search(count: number): Markup {
  return html`<p class="filter"><label for="search">Search by what you see, a code or a word</label><input id="search" type="search" data-filters="content" autocomplete="off" placeholder="ping lost"><span id="content-count" role="status">${count} entries</span></p>`
}

function partSection({ id, title, entries }: HandbookPart, names: ReadonlySet<string>): PageSection {
  return { id, title, body: html`${entries.map((entry) => entryMarkup(entry, names))}` }
}

/** The page; `version` is that of the tool. */
export function handbookPage(parts: readonly HandbookPart[], version: string): string {
  const entries = parts.flatMap((part) => part.entries)
  const names = new Set(entries.map(({ name }) => name))
  const counts = parts.map(
    (part) =>
      html`<li>${chip(plural(part.entries.length, 'entry').replace('entrys', 'entries'))} ${part.title}</li>`,
  )
  return page({
    title: 'flannel-doctor: what every finding means',
    eyebrow: 'flannel-doctor handbook',
    heading: 'What every finding means',
    tone: 'calm',
    intro: html`<p class="lede">The pages of <code>flannel-doctor explain</code>: what is compared, why it breaks traffic, how to see it by hand, how to mend it.</p>
${search(entries.length)}<ul class="chips">${counts}</ul>`,
    sections: parts.map((part) => partSection(part, names)),
    footer: `flannel-doctor ${version}`,
  })
}
