/** The GitHub action and the GitLab template, their steps run by bash as a runner does: green on healthy, red on a fault. */
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { parse } from 'yaml'
import { run } from '../hosts/command/spawn.ts'
import { needs } from '../test-needs.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-pipeline-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))
// Words of a command are parted by blanks, and the path of a checkout may have one: a job sees these below its own folder.
const HEALTHY = 'fixtures/states/v0.28.9-vxlan'
const BROKEN = 'fixtures/fault-states/vxlan/fdb-entry-deleted'

type Variables = Readonly<Record<string, string>>
interface Step {
  readonly id?: string
  readonly if?: string
  readonly run: string
  readonly env: Variables
}

const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>
  readonly outputs: Readonly<Record<string, { readonly value: string }>>
  readonly runs: { readonly steps: readonly Step[] }
}
const gitlab = parse(readFileSync(join(ROOT, '.ci/gitlab-template.yml'), 'utf8'))['.flannel-doctor']

test.before('the command, as an installation has it', () => {
  const command = join(folder, 'flannel-doctor')
  writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${ROOT}runners/bin.js' "$@"\n`)
  chmodSync(command, 0o755)
  symlinkSync(join(ROOT, 'fixtures'), join(folder, 'fixtures'))
})

async function bash(script: string, variables: Variables, options = '-eo') {
  const env = Object.entries({ ...variables, PATH: `${folder}:${process.env.PATH}`, COLUMNS: '100' })
  const words = ['env', '-C', folder, ...env.map(([name, value]) => `${name}=${value}`)]
  const { end, stdout, stderr } = await run([...words, 'bash', options, 'pipefail', '-c', script], {
    timeoutMs: 60_000,
  })
  return { exit: 'exit' in end ? end.exit : -1, stdout: stdout.toString(), stderr }
}

/** What a runner puts in place of an expression: nothing of ours is put into a script. */
function expanded(text: string, inputs: Variables): string {
  return text.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name) => {
    return inputs[name] ?? action.inputs[name]?.default ?? `no input ${name}`
  })
}

async function checked(name: string, inputs: Variables) {
  const step = action.runs.steps.find(({ id }) => id === 'check') as Step
  const output = join(folder, `${name}.output`)
  writeFileSync(output, '')
  const given = { folder: name, ...inputs }
  const env = Object.entries(step.env).map(([key, value]) => [key, expanded(value, given)])
  const told = await bash(step.run, { ...Object.fromEntries(env), GITHUB_OUTPUT: output })
  const outputs = readFileSync(output, 'utf8').trim().split('\n')
  return { ...told, outputs: Object.fromEntries(outputs.map((line) => line.split('='))) as Variables }
}

test('no step of the action has an expression in its script', (t) => {
  for (const step of action.runs.steps) t.false(step.run.includes('${{'), step.run)
  for (const { value } of Object.values(action.outputs))
    t.regex(value, /^\$\{\{ steps\.check\.outputs\.\w+ \}\}$/)
})

needs(test, 'bash')(
  'the action installs the version that it has itself, unless another is named',
  async (t) => {
    const [step] = action.runs.steps
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const told = async (VERSION: string) =>
      (await bash(`npm() { echo "$@"; }; ${step?.run}`, { VERSION, GITHUB_ACTION_PATH: ROOT })).stdout.trim()
    const words = 'install --global --ignore-scripts'
    t.is(await told(action.inputs.version?.default ?? ''), `${words} flannel-doctor@${version}`)
    t.is(await told('9.8.7; id'), `${words} flannel-doctor@9.8.7; id`, 'one word, never run')
  },
)

needs(test.serial, 'bash')('the action is green on a healthy network and leaves its reports', async (t) => {
  const { exit, stdout, stderr, outputs } = await checked('green', { command: `replay ${HEALTHY}` })
  t.is(exit, 0, stderr)
  t.regex(stdout, /^HEALTHY/m)
  t.deepEqual(Object.keys(outputs).sort(), ['junit', 'sarif', 'verdict'])
  t.is(outputs.verdict, 'healthy')
  t.regex(readFileSync(join(folder, outputs.junit ?? ''), 'utf8'), /<testsuites /)
  t.is(JSON.parse(readFileSync(join(folder, outputs.sarif ?? ''), 'utf8')).version, '2.1.0')
})

needs(test, 'bash')('the action is red with annotations on a fault, and still leaves them', async (t) => {
  const { exit, stdout, outputs } = await checked('red', { command: `replay ${BROKEN}` })
  t.is(exit, 1)
  // What hosts say is no command for the runner; annotations are.
  t.regex(
    stdout,
    /^::stop-commands::(\w{32})\n[\s\S]*^BROKEN [\s\S]*^::\1::\n::error title=fdb\/peer-vtep%3Amissing/m,
  )
  t.is(outputs.verdict, 'broken')
  t.regex(readFileSync(join(folder, outputs.junit ?? ''), 'utf8'), /<failure /)
  cpSync(join(folder, 'green'), join(folder, 'oldverdict=forged'), { recursive: true })
  const wrong = await checked('wrong', {
    inventory: '$(touch x); no such.yaml',
    folder: 'old\nverdict=forged',
  })
  t.is(wrong.exit, 2, 'words of an input are never run')
  t.is(wrong.outputs.verdict, 'undecided', 'not that of a report from before')
})

needs(test, 'bash')('the GitLab job is gated the same way', async (t) => {
  const [script] = gitlab.script as readonly string[]
  const job = (command: string) =>
    bash(script ?? '', { ...gitlab.variables, FLANNEL_DOCTOR_COMMAND: command }, '-euo')
  t.is((await job(`replay ${HEALTHY}`)).exit, 0)
  t.is((await job(`replay ${BROKEN}`)).exit, 1)
  t.regex(readFileSync(join(folder, gitlab.artifacts.reports.junit), 'utf8'), /<failure /)
  const claims = await job('conformance --read-only --inventory no-such.yaml')
  t.is(claims.exit, 2)
  t.regex(claims.stderr, /no-such\.yaml/)
})
