/** The look of the throughput page, in light and dark. */
import { html } from './html-template.ts'

/** Blue for the overlay and grey for the underlay: told apart in both schemes and without colour vision. */
export const STYLE = html`<style>
:root { color-scheme: light dark; --page: #fcfcfb; --ink: #1f2328; --soft: #5c6370; --line: #d8dade; --overlay: #2a66c8; --underlay: #9aa1ac }
@media (prefers-color-scheme: dark) { :root { --page: #17191c; --ink: #e6e8ea; --soft: #a2a8b1; --line: #363a40; --overlay: #6ea3f5; --underlay: #767d88 } }
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2.5rem; overflow-wrap: anywhere }
p { color: var(--soft); max-width: 46rem } p.order { color: var(--ink); font-weight: 600 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: 1rem 0 }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .8rem .25rem 0; text-align: right }
th { color: var(--soft); font-weight: 500 } th:first-child, td:first-child { text-align: left }
svg { display: block; max-width: 100%; height: auto; margin: 1rem 0 } svg text { fill: var(--ink); font-size: 13px }
.overlay { fill: var(--overlay) } .underlay { fill: var(--underlay) } .tail { stroke: var(--soft) } .axis { stroke: var(--line) }
code { font-size: .85em; overflow-wrap: anywhere } .scroll { overflow-x: auto } li { overflow-wrap: anywhere }
</style>`
