/** Cause cards: where it acts; expected, lease and host side by side; proof; what to do, to be copied. */

import type { Report, ReportCause, ReportFix } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { actsAt } from '../words/acts-at.ts'
import { type CauseGroup, causeGroups, groupRemedy } from '../words/cause-groups.ts'
import { codeSpans } from '../words/code-spans.ts'
import { hostsText, placesText } from '../words/host-names.ts'
import { plural, subjectText } from '../words/subject-text.ts'
import { waivedLines } from '../words/waived-text.ts'
import type { Tone } from './page.ts'
import { chip } from './tables.ts'

const PROOFS_SHOWN = 4
const SYMPTOMS_SHOWN = 50
const COMMANDS_SHOWN = 20
const CARDS_SHOWN = 60

/** Of severities. */
export const SEVERITY_TONES: Readonly<Record<ReportCause['severity'], Tone>> = {
  critical: 'bad',
  warning: 'warn',
  info: 'calm',
}

const NOTHING = html``

function wayMarkup(code: string, network: Report['network']): Markup {
  const way = actsAt(code, network)
  if (way === undefined) return NOTHING
  const places = way
    .split(' → ')
    .map((place) =>
      place.startsWith('[')
        ? html`<li class="here" aria-current="true">${place.slice(1, -1)}</li>`
        : html`<li>${place}</li>`,
    )
  return html`<ol class="way" aria-label="Where on the way it acts">${places}</ol>`
}

function leaseLines({ subject }: ReportCause, { network }: Report): readonly string[] {
  const leases = (network?.leases ?? []).filter(
    ({ host }) => host !== undefined && (host === subject.host || host === subject.peer),
  )
  return leases.map(({ host, subnet, publicIp, vtepMac }) =>
    [
      `${host}: ${subnet}`,
      `public IP ${publicIp}`,
      ...(vtepMac === undefined ? [] : [`VTEP ${vtepMac}`]),
    ].join(', '),
  )
}

function sidesMarkup(cause: ReportCause, report: Report): Markup {
  const sides = [
    { title: 'Expected', lines: [cause.expected ?? []].flat(), kind: '' },
    { title: 'Lease', lines: leaseLines(cause, report), kind: '' },
    { title: 'Found', lines: [cause.observed ?? []].flat(), kind: 'found' },
  ].flatMap(({ title, lines, kind }) =>
    lines.length === 0
      ? []
      : [html`<div class="side ${kind}"><h4>${title}</h4>${lines.map((line) => html`<p>${line}</p>`)}</div>`],
  )
  return sides.length === 0 ? NOTHING : html`<div class="sides">${sides}</div>`
}

function proofMarkup({ evidence }: ReportCause): Markup {
  const proofs = evidence.slice(0, PROOFS_SHOWN).map(({ typed, excerpt, derived }) => {
    const note = derived ? html`<span class="legend"> concluded, not printed</span>` : NOTHING
    return html`<pre><span class="cmd">${typed}</span>${excerpt.split('\n').map(
      (line) => html`${line}
`,
    )}</pre>${note}`
  })
  return proofs.length === 0 ? NOTHING : html`<div class="part"><h4>Proof</h4>${proofs}</div>`
}

/** One command, of one host or of many that need the same. */
function commandMarkup(command: string, first: ReportFix, hosts: readonly string[]): Markup {
  const isShared = hosts.length > 1
  const one = first.host === '' ? 'where etcd is reached' : `on ${first.host}`
  const where = isShared ? `on each of ${hostsText(hosts)}` : one
  const lasts = first.restartProof ? '' : '; gone after a restart'
  return html`<p class="legend">${where}: ${first.effect}${lasts}</p>
<div class="paste"><pre>${isShared ? command : first.typed}</pre><button type="button" class="copy">Copy</button></div>`
}

function pasteMarkup(fixes: readonly ReportFix[]): Markup {
  const commands = [...Map.groupBy(fixes, ({ command }) => command)].slice(0, COMMANDS_SHOWN)
  const blocks = commands.flatMap(([command, alike]) => {
    const hosts = [...new Set(alike.map(({ host }) => host))]
    return alike.slice(0, 1).map((first) => commandMarkup(command, first, hosts))
  })
  return html`${blocks}`
}

function symptomsMarkup(causes: readonly ReportCause[]): Markup {
  const all = causes.flatMap(({ explains }) => explains)
  if (all.length === 0) return NOTHING
  const items = all
    .slice(0, SYMPTOMS_SHOWN)
    .map(({ code, subject }) => html`<li><code>${code}</code> ${subjectText(subject)}</li>`)
  const rest = all.length - SYMPTOMS_SHOWN
  return html`<details><summary>Explains ${plural(all.length, 'symptom')}</summary><ul>${items}${rest > 0 ? html`<li>and ${rest} more</li>` : NOTHING}</ul></details>`
}

function placeWords({ first, causes, subjects }: CauseGroup): string {
  return causes.length === 1 ? subjectText(first.subject) : placesText(subjects)
}

function agreementChip({ agreement }: ReportCause): Markup {
  if (agreement === 'confirmed') return chip('confirmed by packets', 'good')
  return agreement === 'contradicted' ? chip('contradicted by packets', 'warn') : chip('from collected state')
}

function remedyMarkup(remedy: string): Markup {
  return html`${codeSpans(remedy).map(({ text, isCode }) => (isCode ? html`<code>${text}</code>` : html`${text}`))}`
}

function card(group: CauseGroup, rank: number, report: Report): Markup {
  const { first: cause, causes } = group
  const tone = SEVERITY_TONES[cause.severity]
  const alike = causes.length === 1 ? NOTHING : chip(`${causes.length} times`, tone)
  const place = placeWords(group)
  return html`<article class="card cause ${tone}"><div class="title"><span class="rank" aria-hidden="true">${rank}</span><div><h3>${cause.message}</h3>
<p class="meta">${chip(cause.severity, tone)}${alike}<code>${cause.code}</code><span>${place === '' ? 'the network' : place}</span>${agreementChip(cause)}</p></div></div>
${wayMarkup(cause.code, report.network)}${sidesMarkup(cause, report)}${proofMarkup(cause)}
<div class="fix"><h4>What to do</h4><p>${remedyMarkup(groupRemedy(group))}</p>${pasteMarkup(causes.flatMap(({ fixes }) => fixes))}</div>
${symptomsMarkup(causes)}</article>
`
}

/** A card for every cause; the same cause on many hosts is one. */
export function causesMarkup(report: Report): Markup {
  const groups = causeGroups(report.causes.filter(({ severity }) => severity !== 'info'))
  if (groups.length === 0) return html`<p class="card empty">No fault was found in what was looked at.</p>`
  const rest = groups.length - CARDS_SHOWN
  const cards = groups.slice(0, CARDS_SHOWN).map((group, at) => card(group, at + 1, report))
  return html`${cards}${rest > 0 ? html`<p class="empty">${plural(rest, 'more cause')}: the JSON report has them all.</p>` : NOTHING}`
}

/** What somebody has accepted, and waivers that do nothing. */
export function waivedMarkup(report: Report): Markup | undefined {
  const lines = waivedLines(report).slice(0, CARDS_SHOWN)
  if (lines.length === 0) return undefined
  return html`<div class="card"><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul></div>`
}

/** What is worth knowing and no fault. */
export function notesMarkup({ causes }: Report): Markup | undefined {
  const codes = [
    ...Map.groupBy(
      causes.filter(({ severity }) => severity === 'info'),
      ({ code }) => code,
    ).values(),
  ]
  const items = codes.flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    const where = alike.length === 1 ? '' : ` (${placesText(alike.map(({ subject }) => subject))})`
    return [html`<li>${first.message}${where}<br><code>${first.code}</code></li>`]
  })
  return items.length === 0 ? undefined : html`<div class="card"><ul>${items}</ul></div>`
}
