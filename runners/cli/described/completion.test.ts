/** Completions and the manual page as the programs that read them take them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { run } from '../../hosts/command/spawn.ts'
import { needs } from '../../test-needs.ts'
import { doctor } from '../doctor-for-tests.ts'

const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-completion-'))
test.after.always(() => rmSync(folder, { recursive: true, force: true }))

/** The script for a shell, in a file. */
async function scriptFor(shell: string): Promise<string> {
  const { exit, stdout } = await doctor('completion', shell)
  if (exit !== 0) throw new Error(`exit ${exit}`)
  const path = join(folder, `completion.${shell}`)
  writeFileSync(path, stdout)
  return path
}

async function said(...argv: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr, end } = await run(argv, { timeoutMs: 60_000 })
  if (stderr !== '' || !('exit' in end) || end.exit !== 0) throw new Error(`${JSON.stringify(end)} ${stderr}`)
  return stdout.toString().split('\n').filter(Boolean)
}

/** What bash offers for the last of the words. */
const ASK_BASH = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_flannel_doctor 2>/dev/null; printf '%s\\n' "\${COMPREPLY[@]}"`

needs(test, 'bash')('bash completes commands, flags, their values and names', async (t) => {
  const script = await scriptFor('bash')
  const offered = (...words: readonly string[]) =>
    said('bash', '-uc', ASK_BASH, 'bash', script, 'flannel-doctor', ...words)
  t.deepEqual(await offered('con'), ['conformance'])
  t.deepEqual(await offered('lab', 'in'), ['inject'])
  t.deepEqual(await offered('lab', 'inject', 'fdb-entry-d'), ['fdb-entry-deleted'])
  t.deepEqual(await offered('check', '--etcd-a'), ['--etcd-api'])
  t.deepEqual(await offered('check', '--etcd-api', ''), ['auto', 'v2', 'v3'])
  t.deepEqual(await offered('check', '--format', 'op'), ['openmetrics'])
  t.deepEqual(await offered('explain', 'fdb/'), ['fdb/peer-vtep'])
  t.deepEqual(await offered('list', 'cl'), ['clauses'])
  t.deepEqual(await offered('check', '--inventory', folder.slice(0, -1)), [folder])
  t.deepEqual(await offered('check', '--probe', '--no-such'), [])
  t.false((await offered('')).includes('start'), 'a hidden command stays hidden')
})

needs(test, 'fish')('fish completes commands, flags and names', async (t) => {
  const script = await scriptFor('fish')
  const offered = async (line: string) =>
    (await said('fish', '--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line)).map(
      (one) => one.split('\t')[0],
    )
  t.deepEqual(await offered('flannel-doctor con'), ['conformance'])
  t.deepEqual(await offered('flannel-doctor lab in'), ['inject'])
  t.deepEqual(await offered('flannel-doctor lab inject fdb-entry-d'), ['fdb-entry-deleted'])
  t.deepEqual(await offered('flannel-doctor check --etcd-a'), ['--etcd-api'])
  t.deepEqual(await offered('flannel-doctor check --etcd-api '), ['auto', 'v2', 'v3'])
})

/** Types each line and Tab in a shell that finds the script in `fpath`; prints the words that it then runs. */
const ASK_ZSH = `zmodload zsh/zpty; zpty shell zsh -f -i; local said
zpty -w shell "PS1= PS2=; unsetopt zle promptcr promptsp; fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D
flannel-doctor() { print -r -- \\"<\\$*>\\" }; setopt zle; print rea''dy"
zpty -r shell said '*ready*'; shift
for line; do zpty -w shell "$line"$'\t'; zpty -r shell said '*<*>*'; print -r -- "\${\${said##*<}%%>*}"; done`

needs(test, 'zsh')('zsh finds it and completes commands, flags and names', async (t) => {
  const { stdout } = await doctor('completion', 'zsh')
  writeFileSync(join(folder, '_flannel-doctor'), stdout)
  const [lines, words] = [
    [
      'con',
      'lab in',
      'lab inject fdb-entry-d',
      'check --etcd-a',
      'check --format op',
      'explain fdb/',
      'list x',
    ],
    [
      'conformance',
      'lab inject',
      'lab inject fdb-entry-deleted',
      'check --etcd-api',
      'check --format openmetrics',
      'explain fdb/peer-vtep',
      'list x',
    ],
  ]
  const typed = lines.map((line) => `flannel-doctor ${line}`)
  t.deepEqual(await said('zsh', '-fc', ASK_ZSH, 'zsh', folder, ...typed), words)
})

needs(test, 'groff')('the manual page is set without a warning and has every command', async (t) => {
  const { stdout } = await doctor('man-page')
  const path = join(folder, 'flannel-doctor.1')
  writeFileSync(path, stdout)
  const page = (await said('groff', '-man', '-Tutf8', '-ww', '-P-cbou', path)).join('\n')
  for (const words of [
    'check',
    'trace <source> <target>',
    'lab inject <fault>',
    'completion <shell>',
    '--etcd-api',
  ]) {
    t.true(page.includes(words), words)
  }
  t.regex(page, /EXIT STATUS\n/)
  t.regex(page, /flannel-doctor trace h1\/c1 h2\/c2 --inventory/)
})

test('another shell is refused with those there are', async (t) => {
  const { exit, stderr } = await doctor('completion', 'tcsh')
  t.is(exit, 2)
  t.regex(stderr, /expected one of bash, zsh, fish/)
})
