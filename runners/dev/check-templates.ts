/** The text of a new check's files; the page's headings are those that checks/parity.test.ts asks for. */
import { LAYERS } from '../../checks/check.ts'

/** `fdb/peer-vtep` → `fdbPeerVtep`, the name under which the registry imports it. */
export function registryName(id: string): string {
  return id.replace(/[-/](\w)/g, (_, letter: string) => letter.toUpperCase())
}

function title(id: string): string {
  const words = id.replace(/[-/]/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function checkSource(id: string): string {
  return `// What flannel does here and where its source says so (file and symbol).
import { defineHostCheck } from '../define.ts'

export const check = defineHostCheck({
  id: '${id}',
  title: '${title(id)}',
  backends: 'any',
  needs: ['subnetEnv'],
  needsExpected: true,
  findings: {
    missing: {
      severity: 'critical',
      confidence: 'certain',
      says: '{object} is missing',
      fix: 'Say what an operator does.',
    },
  },
  *evaluate({ facts, expected }) {
    // Compare the declared facts with the expected state and yield one draft per difference.
    if (facts.subnetEnv === undefined && expected !== undefined) yield { code: 'missing', object: 'what is missing' }
  },
})
`
}

export function checkPage(id: string): string {
  return `# ${title(id)}

## What it compares

## Why it breaks traffic

## See it by hand

## Fix

* \`${id}:missing\`:

## Sources

Clauses: none

## Not covered
`
}

export function checkTest(id: string): string {
  const file = id.split('/')[1]
  return `import test from 'ava'
import { testCheck } from '../tester.ts'
import { check } from './${file}.ts'

testCheck(test, check, {
  passes: [],
  fails: [],
})
`
}

/** Adds the import and the entry to the registry's text, behind the last check of the same or an earlier layer. */
export function withRegistryLine(registry: string, id: string): string {
  const name = registryName(id)
  const lines = registry.split('\n')
  const lastImport = lines.findLastIndex((line) => line.startsWith('import '))
  lines.splice(lastImport + 1, 0, `import { check as ${name} } from './${id}.ts'`)
  const text = lines.join('\n')
  const list = /export const CHECKS: readonly Check\[\] = \[([^\]]*)\]/.exec(text)
  if (list === null) throw new Error('checks/registry.ts has no list `CHECKS`')
  const entries = (list[1] ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
  const layerRank = (entry: string): number =>
    LAYERS.findIndex((layer) =>
      new RegExp(`\\b${entry.replace(/^\.+/, '')}\\b[ }]+from './${layer}/`).test(text),
    )
  const at = entries.findLastIndex((entry) => layerRank(entry) <= layerRank(name)) + 1
  const ordered = entries.toSpliced(at, 0, name)
  return text.replace(list[0], `export const CHECKS: readonly Check[] = [\n  ${ordered.join(',\n  ')},\n]`)
}
