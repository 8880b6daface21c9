/** The report as one page: verdict first, then causes, the packet's way, the network, and everything that was looked at. */
import {
  CLAIM_TITLES,
  certificateOf,
  clausesOf,
  environmentRows,
  placeOf,
  scopeOf,
} from '../certificate/certificate-lines.ts'
import type { Report, Reporter } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { recordedLines } from '../words/recorded-text.ts'
import { plural } from '../words/subject-text.ts'
import { networkText, VERDICT_TITLES } from '../words/verdict-title.ts'
import { causesMarkup, notesMarkup, waivedMarkup } from './causes.ts'
import {
  appendixMarkup,
  checksMarkup,
  commandsMarkup,
  doubtsMarkup,
  hostsMarkup,
  sectionsMarkup,
} from './checked.ts'
import { journeyMarkup } from './journey.ts'
import { networkMarkup } from './network.ts'
import { capital, type PageSection, page } from './page.ts'
import { chip, table } from './tables.ts'
import { momentText, tilesMarkup } from './tiles.ts'
import { VERDICT_TONES } from './verdict-tones.ts'

const CLAIM_TONES = { conformant: 'good', 'not-conformant': 'bad', undecided: 'warn' } as const
const STATUS_TONES = { met: 'good', 'not-met': 'bad', undecided: 'warn', 'not-tested': 'calm' } as const

const LEVEL_WORDS: Readonly<Record<Report['run']['level'], string>> = {
  'read-only': 'reading only',
  probe: 'reading and pings',
  capture: 'reading, pings and captures',
  intrude: 'reading, pings, captures and changes',
}

/** Characters from which on a value has a line of its own. */
const WIDE = 60

/** By what the run can be told from any other. */
function fingerprint({ run }: Report): Markup {
  const facts = [
    ['tool', `${run.tool} ${run.version}`],
    ['started', momentText(run.startedAt)],
    run.recorded === undefined
      ? ['took', `${(run.durationMs / 1000).toFixed(1)} s`]
      : ['recorded', momentText(run.recorded.at)],
    ['looked by', LEVEL_WORDS[run.level]],
    ['command', run.argv.length === 0 ? '–' : ['flannel-doctor', ...run.argv].join(' ')],
    ...(run.recorded === undefined ? [] : recordedLines(run.recorded).map((line) => ['replay', line])),
    ...(run.interrupted === undefined ? [] : [['cut short', run.interrupted]]),
  ]
  return html`<dl class="facts">${facts.map(([label = '', value = '']) => html`<div class="${value.length > WIDE ? 'wide' : ''}"><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
}

/** What was found, before how. */
function lede({ causes, verdict, advice }: Report): string {
  const [worst] = causes.filter(({ severity }) => severity !== 'info')
  if (worst !== undefined) return worst.message
  if (verdict === 'healthy') return 'No fault was found in what was looked at'
  return verdict === 'undecided'
    ? 'No fault was found, but not everything could be judged'
    : (advice[0] ?? '')
}

function intro(report: Report): Markup {
  const { scope, advice, verdict } = report
  const isWhole = scope.says.length === 0 && verdict !== 'undecided' && verdict !== 'no-flannel'
  const chips = (isWhole ? ['everything was looked at'] : scope.says).map(
    (each) => html`<li>${chip(each)}</li>`,
  )
  const lines = advice.map((each) => html`<li>${each}</li>`)
  return html`<p class="lede">${lede(report)}</p><p class="under">${networkText(report)}, ${plural(report.hosts.length, 'host')} checked</p>
${chips.length === 0 ? html`` : html`<ul class="chips" aria-label="Scope of the verdict">${chips}</ul>`}${lines.length === 0 ? html`` : html`<ul>${lines}</ul>`}${tilesMarkup(report)}${fingerprint(report)}`
}

function section(id: string, title: string, body: Markup | undefined): readonly PageSection[] {
  return body === undefined ? [] : [{ id, title, body }]
}

function lookedAt(report: Report): readonly PageSection[] {
  return [
    ...section('doubts', 'Undecided', doubtsMarkup(report)),
    ...section('checks', 'Checks', checksMarkup(report)),
    ...section('hosts', 'Hosts', hostsMarkup(report)),
    ...section('commands', 'Commands', commandsMarkup(report)),
    ...section('appendix', 'Evidence', appendixMarkup(report)),
    ...section('sections', 'Sections', sectionsMarkup(report)),
  ]
}

function reportPage(report: Report): string {
  const { title } = VERDICT_TITLES[report.verdict]
  return page({
    title: `flannel: ${title.toLowerCase()}`,
    eyebrow: 'flannel-doctor report',
    heading: capital(title),
    tone: VERDICT_TONES[report.verdict],
    intro: intro(report),
    sections: [
      ...section('causes', 'Causes', causesMarkup(report)),
      ...section('journey', "The packet's journey", journeyMarkup(report)),
      ...section('network', 'Network', networkMarkup(report)),
      ...section('notes', 'Worth knowing', notesMarkup(report)),
      ...section('waived', 'Waived', waivedMarkup(report)),
      ...lookedAt(report),
    ],
    footer: `${report.run.tool} ${report.run.version}, report schema ${report.schemaVersion}`,
  })
}

function clausesMarkup(report: Report): Markup {
  const rows = clausesOf(report).map(({ id, level, status, says, source, reason, breaches }) => [
    html`<b class="whole">${id}</b><br>${level}`,
    chip(status.replace('-', ' '), STATUS_TONES[status]),
    html`${says}${reason === undefined ? html`` : html`<br><span class="legend">${reason}</span>`}${breaches.map((breach) => html`<br><code>${breach.code}</code> ${placeOf(breach)}: ${breach.message}`)}`,
    source,
  ])
  return html`<div class="card">${table(['clause', 'status', 'says', 'source'], rows, { label: 'Clauses' })}</div>`
}

function certificatePage(report: Report): string {
  const { verdict, environment } = certificateOf(report)
  const profiles = report.conformance.map((claim) => [
    html`<b class="whole">${claim.profile}</b>`,
    chip(CLAIM_TITLES[claim.verdict].toLowerCase(), CLAIM_TONES[claim.verdict]),
    claim.says,
    claim.reason ?? '',
  ])
  const facts = environmentRows(environment).map(
    ([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )
  return page({
    title: `flannel conformance: ${CLAIM_TITLES[verdict].toLowerCase()}`,
    eyebrow: 'flannel-doctor certificate',
    heading: capital(CLAIM_TITLES[verdict]),
    tone: CLAIM_TONES[verdict],
    intro: html`<p class="lede">Claimed: ${scopeOf(report)}</p><dl class="facts">${facts}</dl>`,
    sections: [
      ...section(
        'profiles',
        'Profiles',
        html`<div class="card">${table(['profile', 'verdict', 'asks for', 'reason'], profiles, { label: 'Profiles' })}</div>`,
      ),
      ...section('clauses', 'Clauses', clausesMarkup(report)),
    ],
    footer: `${report.run.tool} ${report.run.version}, ${report.run.startedAt}`,
  })
}

/** Renders the report, or the certificate where there is one, as one HTML page. */
export const htmlReport: Reporter = (report) =>
  report.certificate === undefined ? reportPage(report) : certificatePage(report)
