/** Every output format by name, loaded when it is asked for. Adding one is a file and a line here. */
import type { FailedRunReporter } from './document/failed-run.ts'
import type { Reporter } from './document/report.ts'

export interface Format {
  readonly about: string
  readonly load: () => Promise<Reporter>
  /** What is written for a run that died; absent where nothing is. */
  readonly failed?: () => Promise<FailedRunReporter>
}

export const REPORTERS: Readonly<Record<string, Format>> = {
  text: {
    about: 'for people at a terminal (the default)',
    load: async () => (await import('./text/text.ts')).text,
  },
  json: {
    about: 'the whole report; its schema is reports/report.schema.json',
    load: async () => (await import('./programs/json.ts')).json,
  },
  junit: {
    about: 'JUnit XML: a case per check and host',
    load: async () => (await import('./programs/junit.ts')).junit,
    failed: async () => (await import('./programs/junit.ts')).failedJunit,
  },
  tap: {
    about: 'TAP 14: a test point per check and host',
    load: async () => (await import('./programs/tap.ts')).tap,
    failed: async () => (await import('./programs/tap.ts')).failedTap,
  },
  sarif: {
    about: 'SARIF 2.1.0: a result per finding',
    load: async () => (await import('./programs/sarif.ts')).sarif,
    failed: async () => (await import('./programs/sarif.ts')).failedSarif,
  },
  markdown: {
    about: 'for a ticket or a page of a wiki',
    load: async () => (await import('./markdown/markdown.ts')).markdownReport,
  },
  html: {
    about: 'one page that loads nothing, for a browser',
    load: async () => (await import('./html/report-page.ts')).htmlReport,
  },
  nagios: {
    about: 'one line and figures for a monitor; exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN',
    load: async () => (await import('./programs/nagios.ts')).nagios,
    failed: async () => (await import('./programs/nagios.ts')).failedNagios,
  },
  openmetrics: {
    about: 'OpenMetrics 1.0, for Prometheus',
    load: async () => (await import('./programs/openmetrics.ts')).openmetrics,
    failed: async () => (await import('./programs/openmetrics.ts')).failedOpenmetrics,
  },
  github: {
    about: 'annotations of GitHub Actions; added by itself there when no format is named',
    load: async () => (await import('./programs/github.ts')).github,
    failed: async () => (await import('./programs/github.ts')).failedGithub,
  },
}
