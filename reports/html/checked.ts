/** What was looked at: checks by layer, doubts, hosts, commands. */

import type { Report, ReportHost, ReportResult } from '../document/report.ts'
import { html, type Markup } from '../layout/html-template.ts'
import { containersOf } from '../words/containers-text.ts'
import { hostsText } from '../words/host-names.ts'
import { plural } from '../words/subject-text.ts'
import { undecidedOf } from '../words/undecided.ts'
import type { Tone } from './page.ts'
import { chip, table } from './tables.ts'

const COMMANDS_SHOWN = 40
const BAR = 220

const OUTCOMES: Readonly<Record<ReportResult['outcome'], { readonly word: string; readonly tone?: Tone }>> = {
  fail: { word: 'failed', tone: 'bad' },
  error: { word: 'own errors', tone: 'warn' },
  inconclusive: { word: 'undecided', tone: 'warn' },
  pass: { word: 'passed', tone: 'good' },
  'not-applicable': { word: 'not applicable' },
}

function outcomeChips(results: readonly ReportResult[]): readonly Markup[] {
  return Object.entries(OUTCOMES).flatMap(([outcome, { word, tone }]) => {
    const count = results.filter((each) => each.outcome === outcome).length
    return count === 0 ? [] : [chip(`${count} ${word}`, tone)]
  })
}

function checkRow(check: string, results: readonly ReportResult[]): readonly Markup[] {
  const others = results.filter(({ outcome }) => outcome !== 'pass')
  const reasons = [
    ...Map.groupBy(others, ({ outcome, reason = '' }) => `${OUTCOMES[outcome].word} ${reason}`),
  ]
  const notes = reasons.slice(0, 4).map(([, alike]) => {
    const hosts = alike.flatMap(({ host }) => host ?? [])
    const [first] = alike
    const said = first?.reason ?? first?.findings[0]?.message ?? ''
    return html`<div>${hosts.length === 0 ? '' : `${hostsText(hosts)}: `}${said}</div>`
  })
  return [html`<code>${check}</code>`, html`${outcomeChips(results)}`, html`${notes}`]
}

/** Checks by layer, folded. */
export function checksMarkup({ results, ruledOut }: Report): Markup {
  const layers = [...Map.groupBy(results, ({ check }) => check.split('/')[0] ?? check)]
  const parts = layers.map(([layer, all]) => {
    const checks = [...Map.groupBy(all, ({ check }) => check)].map(([check, each]) => checkRow(check, each))
    return html`<details class="layer"><summary><b>${layer}</b>${outcomeChips(all)}</summary>${table(['check', 'outcomes', 'why'], checks, { label: `Checks of ${layer}` })}</details>
`
  })
  const clean = ruledOut.length === 0 ? html`` : html`<p>Clean: ${ruledOut.join(', ')}</p>`
  return html`<div class="card">${clean}${parts}</div>`
}

/** Every reason for doubt once; undefined when there is none. */
export function doubtsMarkup(report: Report): Markup | undefined {
  const doubts = undecidedOf(report)
  if (doubts.length === 0) return undefined
  const rows = doubts.map(({ reason, hosts, checks }) => [
    reason,
    hosts.length === 0 ? '' : hostsText(hosts),
    html`${checks.map((check) => html`<code>${check}</code> `)}`,
  ])
  return html`<div class="card">${table(['what could not be judged, and why', 'hosts', 'checks'], rows)}</div>`
}

function hostState({ reachable }: ReportHost, results: readonly ReportResult[]): Markup {
  if (!reachable) return chip('not read', 'warn')
  const count = (...outcomes: readonly ReportResult['outcome'][]): number =>
    results.filter(({ outcome }) => outcomes.includes(outcome)).length
  const [failed, unjudged] = [count('fail'), count('inconclusive', 'error')]
  if (failed > 0) return chip(`${failed} failed`, 'bad')
  return unjudged > 0 ? chip(`${unjudged} undecided`, 'warn') : chip('clean', 'good')
}

type Lease = NonNullable<Report['network']>['leases'][number]

function leaseCells(lease: Lease | undefined): readonly (string | Markup)[] {
  if (lease === undefined) return ['–', '–', '–']
  return [lease.subnet, lease.publicIp, html`<code>${lease.vtepMac ?? '–'}</code>`]
}

/** Every host, to be filtered. */
export function hostsMarkup({ hosts, network, results }: Report): Markup {
  const judged = Map.groupBy(results, ({ host = '' }) => host)
  const leases = new Map((network?.leases ?? []).map((lease) => [lease.host ?? '', lease]))
  const rank = ({ name, reachable }: ReportHost): number => {
    const outcomes = (judged.get(name) ?? []).map(({ outcome }) => outcome)
    if (!reachable || outcomes.includes('fail')) return 0
    return outcomes.includes('inconclusive') || outcomes.includes('error') ? 1 : 2
  }
  const rows = hosts
    .toSorted((a, b) => rank(a) - rank(b))
    .map((host) => [
      html`<b class="whole">${host.name}</b>${host.node === undefined || host.node === host.name ? '' : ` node ${host.node}`}`,
      hostState(host, judged.get(host.name) ?? []),
      ...leaseCells(leases.get(host.name)),
      containersOf(host),
      html`<code>${host.via}</code>`,
      host.problem ??
        html`<span class="whole">${plural(host.facts.known.length, 'fact')}, ${host.facts.absent.length} absent</span>`,
    ])
  return html`<div class="card"><p class="filter"><label for="hosts-filter">Filter hosts</label><input id="hosts-filter" type="search" data-filters="hosts-table" autocomplete="off"><span id="hosts-table-count" role="status">${plural(hosts.length, 'host')}</span></p>
${table(['host', 'state', 'subnet', 'public IP', 'VTEP MAC', 'containers', 'reached by', 'facts'], rows, { id: 'hosts-table', label: 'Hosts' })}</div>`
}

/** The slowest commands in the order in which they began, each where it lies in the time of the run; undefined for a replay. */
export function commandsMarkup({ commands }: Report): Markup | undefined {
  if (commands.length === 0) return undefined
  const slowest = commands.toSorted((a, b) => b.ms - a.ms).slice(0, COMMANDS_SHOWN)
  const shown = slowest.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))
  const whole = Math.max(1, ...shown.map(({ at = 0, ms }) => at + ms))
  const px = (ms: number): number => (BAR * ms) / whole
  const rows = shown.map(({ host, argv, ms, end, at = 0 }) => [
    html`<b>${host}</b>`,
    html`<svg viewBox="0 0 ${BAR} 12" width="${BAR}" height="12" aria-hidden="true"><rect class="bar" x="${Math.max(0, px(at)).toFixed(1)}" width="${Math.max(1, px(ms)).toFixed(1)}" height="12" rx="3"/></svg>`,
    `${at} ms`,
    `${ms.toFixed(0)} ms`,
    html`<code>${argv.join(' ').slice(0, 300)}</code>`,
    end,
  ])
  return html`<div class="card">${table(['host', 'when', 'began', 'took', 'command', 'ended'], rows, { caption: `The slowest of ${plural(commands.length, 'command')}, by when they began`, figures: [2, 3] })}</div>`
}

/** Characters of a line that the template shows whole. */
const PIECE = 1500

/** A text line by line, long ones in pieces. */
function printed(text: string): readonly Markup[] {
  return text.split('\n').map((line) => {
    const pieces = Array.from({ length: Math.ceil(line.length / PIECE) }, (_, at) =>
      line.slice(PIECE * at, PIECE * (at + 1)),
    )
    return html`${pieces.map((piece) => html`${piece}`)}
`
  })
}

/** Whole sections of hosts behind the causes, folded; undefined when there are none. */
export function sectionsMarkup({ sections = [] }: Report): Markup | undefined {
  if (sections.length === 0) return undefined
  const blocks = sections.map(
    ({
      host,
      fact,
      command,
      text,
      cut = 0,
    }) => html`<details><summary>${host} ${fact}: <code>${command}</code></summary><pre>${printed(text)}${cut > 0 ? html`… ${cut} characters more in a saved state` : html``}</pre></details>
`,
  )
  return html`<div class="card"><p class="legend">What the hosts printed, whole, behind the causes.</p>${blocks}</div>`
}

/** Lines that prove findings, as they were printed. */
export function appendixMarkup({ results }: Report): Markup | undefined {
  const evidence = results.flatMap(({ findings }) => findings.flatMap((finding) => finding.evidence))
  const unique = [
    ...new Map(evidence.map((each) => [`${each.typed}\0${each.excerpt}`, each])).values(),
  ].slice(0, 200)
  if (unique.length === 0) return undefined
  const blocks = unique.map(
    ({
      typed,
      excerpt,
      section,
    }) => html`<details><summary>${section}: <code>${typed}</code></summary><pre>${excerpt}</pre></details>
`,
  )
  return html`<div class="card"><p class="legend">What was printed and proves a finding.</p>${blocks}</div>`
}
