/** Workflow commands as GitHub's runner reads them: a line that begins with `::`, and `##[` anywhere in a line. */
import test from 'ava'
import { fullReport, HOSTILE, hostileReports, PLAIN, reportOf } from '../reports-for-tests.ts'
import { failedGithub, github } from './github.ts'

interface Command {
  readonly kind: string
  readonly properties: string
  readonly text: string
}

/** The grammar of actions/toolkit's `issueCommand`, read backwards. */
function commandsOf(document: string): readonly Command[] {
  return document
    .split(/\r\n|[\r\n]/)
    .filter((line) => line !== '')
    .map((line) => {
      const [, kind = '', properties = '', text = ''] =
        /^::([a-z-]+)(?: ([^:]*?))?::(.*)$/.exec(line.trim()) ?? []
      return { kind, properties, text }
    })
}

test('a critical cause is an error with its proof and fix', async (t) => {
  const [cause] = commandsOf(github(await reportOf('v0.20.0-vxlan-missed-lease'), PLAIN))
  t.is(cause?.kind, 'error')
  t.regex(cause?.properties ?? '', /^title=lease\/peer%3Aunprogrammed h1 → h3/)
  t.regex(cause?.text ?? '', /%0Aproof: .*%0Afix: /)
})

test('nothing is said of a healthy network', async (t) => {
  t.is(github(await reportOf('v0.28.9-vxlan'), PLAIN), '')
})

test('a hostile report makes the commands of an ordinary one', async (t) => {
  const kinds = (text: string): string =>
    commandsOf(text)
      .map(({ kind }) => kind)
      .join()
  const usual = new Set([kinds(github(await fullReport(), PLAIN))])
  for (const report of await hostileReports()) {
    const document = github(report, PLAIN)
    const all = commandsOf(document)
    t.true(
      all.every(({ kind }) => ['error', 'warning', 'notice'].includes(kind)),
      document.slice(0, 500),
    )
    t.true(all.every(({ properties }) => /^title=[^,:]*$/.test(properties)))
    if (report.certificate === undefined) t.true(usual.has(kinds(document)), kinds(document))
  }
})

test('a run that died is one error', (t) => {
  for (const message of HOSTILE) {
    t.is(
      commandsOf(failedGithub({ version: '0', startedAt: '', message }))
        .map(({ kind }) => kind)
        .join(),
      'error',
    )
  }
})
