import { existsSync } from 'node:fs'
import test from 'ava'
import { posixQuote } from './quote.ts'
import { $, shell } from './zx.ts'

const HOSTILE = [
  '',
  ' ',
  "'",
  '"',
  '`id`',
  '$(id)',
  '$HOME',
  'a;b',
  'a&b',
  'a|b',
  '\\',
  '\n',
  'a\nb',
  '*',
  '~',
  '-n',
  "$'x'",
  '!!',
  'ä€',
  '\u001b[31m',
  '#x',
  '{a,b}',
  '>f',
  "it's",
  'if',
  'a=b',
]

test('every hostile word arrives as it was given', async (t) => {
  const { stdout } = await $`printf ${'%s\\0'} ${HOSTILE}`
  t.deepEqual(stdout.split('\0').slice(0, -1), HOSTILE)
})

test('quoted words survive a second shell', async (t) => {
  const { stdout } = await $`sh -c ${`printf '%s\\0' ${HOSTILE.map(posixQuote).join(' ')}`}`
  t.deepEqual(stdout.split('\0').slice(0, -1), HOSTILE)
})

test('values that are no words are refused', async (t) => {
  const bad = [undefined, null, {}, true, Number.NaN, 'a\0b', ['a', undefined]] as unknown as string[]
  for (const value of bad) await t.throwsAsync(async () => $`echo ${value}`, { instanceOf: TypeError })
})

test('a value between quotes, in a here-document or behind an escape is refused', async (t) => {
  await t.throwsAsync(async () => $`echo "x=${'a'}"`, { message: /between quotes/ })
  await t.throwsAsync(async () => $`echo '${'a'}'`, { message: /between quotes/ })
  await t.throwsAsync(async () => $`echo "it's" "${'a'}"`, { message: /between quotes/ })
  await t.throwsAsync(async () => $`cat <<E ${'a'}`, { message: /here-document/ })
  await t.throwsAsync(async () => $`echo \\${'a'}`, { message: /backslash/ })
})

test('a failed command is an answer, and the first failure of a script ends it', async (t) => {
  const result = await $`false; echo not reached`
  t.like(result, { ok: false, exit: 1, stdout: '' })
})

test('stdin is the given text or closed', async (t) => {
  t.is((await shell({ input: 'a\nb\n' })`cat`).stdout, 'a\nb\n')
  t.is((await $`cat`).stdout, '')
})

test('the deadline kills the whole group, also one that ignores SIGTERM', async (t) => {
  const pidFile = `/tmp/fd-zx-${process.pid}`
  const result = await shell({ timeoutMs: 300 })`trap ${''} TERM; sleep 60 & echo $! > ${pidFile}; wait`
  t.is(result.exit, null)
  const { stdout } = await $`cat ${pidFile}; rm ${pidFile}`
  t.false(existsSync(`/proc/${stdout.trim()}/cwd/.`))
})
