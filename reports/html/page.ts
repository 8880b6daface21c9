/** The shell of every page: one file that loads nothing and runs nothing but its own script. */
import { html, type Markup } from '../layout/html-template.ts'
import { SCRIPT_TEXT } from './script.ts'
import { STYLE_TEXT } from './style.ts'

/** Hashes by which the policy knows style and script; a test compares them. */
export const STYLE_HASH = 'sha256-in0FxT20bZsI5zJToYnXGHiOzHpQbloRk4D3btkEnHQ='
export const SCRIPT_HASH = 'sha256-STxt90IhgKjSa8FpYNEfdU2Vcsni+KSD3HHAW4W7DaQ='

export type Tone = 'good' | 'warn' | 'bad' | 'calm'

export interface PageSection {
  /** Its anchor. */
  readonly id: string
  /** In the list of contents. */
  readonly title: string
  readonly body: Markup
}

export interface Page {
  readonly title: string
  /** Above the heading. */
  readonly eyebrow: string
  readonly heading: string
  readonly tone: Tone
  /** Below the heading. */
  readonly intro: Markup
  readonly sections: readonly PageSection[]
  /** By what, and of what version, it was made. */
  readonly footer: string
}

const POLICY = `default-src 'none'; style-src '${STYLE_HASH}'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`

/** Style and script are ours and hold nothing that would end their element. */
const STYLE: Markup = { markup: `<style>${STYLE_TEXT}</style>` }
const SCRIPT: Markup = { markup: `<script>${SCRIPT_TEXT}</script>` }

function contents(sections: readonly PageSection[]): Markup {
  const links = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)
  return html`<nav class="contents" aria-label="Contents"><div class="frame"><ul>${links}</ul></div></nav>`
}

function sectionMarkup({ id, title, body }: PageSection): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>
${body}</section>
`
}

/** `NOT CONFORMANT` as a heading. */
export function capital(words: string): string {
  return words.charAt(0) + words.slice(1).toLowerCase()
}

/** A whole page. */
export function page({ title, eyebrow, heading, tone, intro, sections, footer }: Page): string {
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ markup: POLICY }}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${title}</title>${STYLE}</head>
<body><a class="skip" href="#content">Skip to the findings</a>
<header class="top ${tone}"><div class="frame"><p class="eyebrow">${eyebrow}</p><h1>${heading}</h1>
${intro}</div></header>
${contents(sections)}
<main id="content" tabindex="-1"><div class="frame">
${sections.map(sectionMarkup)}</div></main>
<footer><div class="frame">${footer}. This page loads nothing from anywhere.</div></footer>
${SCRIPT}</body></html>
`.markup
}
