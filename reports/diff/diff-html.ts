/** A diff as one page: what is new first. */

import { SEVERITY_TONES } from '../html/causes.ts'
import { type PageSection, page } from '../html/page.ts'
import { chip } from '../html/tables.ts'
import { momentText } from '../html/tiles.ts'
import { VERDICT_TONES } from '../html/verdict-tones.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { plural, subjectText } from '../words/subject-text.ts'
import { VERDICT_TITLES } from '../words/verdict-title.ts'
import {
  type DiffFinding,
  type DiffSide,
  explainsText,
  type FoldedFinding,
  folded,
  headline,
  type ReportDiff,
} from './report-diff.ts'

const SHOWN = 500

function symptomsMarkup(one: FoldedFinding): Markup {
  const { symptoms } = one
  if (symptoms.length === 0) return html``
  const items = symptoms.map(
    ({ code, subject, message }) => html`<li>${message} <code>${code}</code> ${subjectText(subject)}</li>`,
  )
  const rest = items.length - SHOWN
  return html`<details><summary>${explainsText(one)}</summary><ul>${items.slice(0, SHOWN)}${rest > 0 ? html`<li>and ${rest} more</li>` : html``}</ul></details>`
}

function item(one: FoldedFinding): Markup {
  const { code, severity, subject, message } = one.finding
  const tone = SEVERITY_TONES[severity]
  return html`<article class="card cause ${tone}"><h3>${message}</h3><p class="meta">${chip(severity, tone)}<code>${code}</code><span>${subjectText(subject)}</span></p>${symptomsMarkup(one)}</article>
`
}

/** Titles count all, as the JSON form lists all. */
function findingsSection(
  id: string,
  title: string,
  findings: readonly DiffFinding[],
): readonly PageSection[] {
  return section(id, `${title} (${findings.length})`, folded(findings).map(item))
}

/** The first of many. */
function limited(items: readonly Markup[]): Markup {
  const rest = items.length - SHOWN
  return html`${items.slice(0, SHOWN)}${rest > 0 ? html`<p class="empty">and ${rest} more</p>` : html``}`
}

function section(id: string, title: string, items: readonly Markup[]): readonly PageSection[] {
  return items.length === 0 ? [] : [{ id, title, body: limited(items) }]
}

function side(label: string, { from, at, verdict }: DiffSide): Markup {
  return html`<div><dt>${label}</dt><dd>${chip(VERDICT_TITLES[verdict].title.toLowerCase(), VERDICT_TONES[verdict])} ${momentText(at)}</dd><dd><code>${from}</code></dd></div>`
}

/** Renders the page. */
export function diffHtml(diff: ReportDiff): string {
  const { before, after, changes, findings, version } = diff
  const sections = [
    ...findingsSection('new', 'New', findings.new),
    ...section(
      'changed',
      `Changed (${changes.length})`,
      changes.map((change) => html`<p class="card change">${change}</p>`),
    ),
    ...findingsSection('fixed', 'Fixed', findings.fixed),
    ...findingsSection('unchanged', 'Unchanged', findings.unchanged),
  ]
  const nothing = {
    id: 'nothing',
    title: 'Nothing changed',
    body: html`<p class="card empty">Both are alike.</p>`,
  }
  return page({
    title: `flannel: ${plural(findings.new.length, 'new finding')}`,
    eyebrow: 'flannel-doctor diff',
    heading: findings.new.length === 0 ? 'Nothing new' : plural(findings.new.length, 'new finding'),
    tone: findings.new.length === 0 ? 'good' : 'bad',
    intro: html`<p class="lede">${headline(diff)}</p><dl class="facts">${[side('before', before), side('after', after)]}</dl>`,
    sections: sections.length === 0 ? [nothing] : sections,
    footer: `flannel-doctor ${version}`,
  })
}
