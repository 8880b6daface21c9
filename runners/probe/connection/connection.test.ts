/** What listens, in either language, and what bash says of connections to it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { open } from '../../hosts/command/spawn.ts'
import { localRunner } from '../../hosts/local.ts'
import { needs } from '../../test-needs.ts'
import { jobsTold, WAVE } from '../jobs/script-jobs.ts'
import { type ConnectJob, connectScript, parseConnection } from './connect-script.ts'
import { LINE_BYTES, PERL, PYTHON } from './listener-code.ts'
import { listenScript, portsIn, startListeners } from './listeners.ts'

const NONCE = '00112233445566778899aabbccddeeff'
const HERE = '127.0.0.1'
const asRoot = needs(test, 'root')

async function tcpAnswer(port: number, text: string): Promise<string> {
  const socket = connect(port, HERE)
  socket.write(text)
  let answer = ''
  try {
    for await (const chunk of socket) answer += String(chunk)
  } catch {
    return answer // what it does not read, the kernel answers with a reset
  }
  return answer
}

/** What comes back for each text, in order; those that get no answer are passed over. */
async function udpAnswers(port: number, texts: readonly string[]): Promise<readonly string[]> {
  const socket = createSocket('udp4')
  const answers: string[] = []
  socket.on('message', (message) => answers.push(String(message)))
  for (const text of texts) socket.send(text, port, HERE)
  while (answers.at(-1) !== texts.at(-1)) await once(socket, 'message')
  socket.close()
  return answers
}

async function listens(t: ExecutionContext, words: readonly string[]): Promise<void> {
  const command = await open([...words, HERE, NONCE, '60'])
  const decoder = new TextDecoder()
  let said = ''
  for await (const chunk of command.stdout) {
    said += decoder.decode(chunk, { stream: true })
    if (said.includes('\n')) break
  }
  const ports = portsIn(said).get(HERE)
  if (ports === undefined) return t.fail(said)
  const line = `${NONCE.padEnd(LINE_BYTES - 1, '0')}\n`
  t.is(await tcpAnswer(ports.tcp, line), line)
  t.is(await tcpAnswer(ports.tcp, 'GET / HTTP/1.1\r\n'), '', 'what has not its number gets nothing')
  t.is(await tcpAnswer(ports.tcp, 'x'.repeat(10_000)), '')
  t.deepEqual(await udpAnswers(ports.udp, ['something else', NONCE]), [NONCE])
  await command.stop(0)
}

for (const words of [
  ['perl', '-e', PERL],
  ['python3', '-c', PYTHON],
] as const) {
  const [tool] = words
  const withTool = needs(test, tool)
  withTool(`${tool} listens and answers what carries its number`, (t) => listens(t, words))
  withTool(`${tool} ends by itself`, async (t) => {
    const command = await open([...words, HERE, NONCE, '1'])
    t.deepEqual(await command.ended, { signal: 'SIGALRM' })
  })
}

asRoot('listeners, connections to them and to closed ports', async (t) => {
  const runner = localRunner('here')
  const { signal } = new AbortController()
  const places = [
    { address: HERE, namespace: '/proc/self/ns/net' },
    { address: '127.0.0.2', namespace: '/proc/self/ns/net' },
    { address: '127.0.0.3', namespace: '/run/netns/not-there' },
  ]
  const held = await startListeners(runner, places, { nonce: NONCE, signal })
  t.deepEqual([...held.ports.keys()].sort(), [HERE, '127.0.0.2'])
  t.regex(held.problem?.detail ?? '', /not-there/)
  const { tcp = 0, udp = 0 } = held.ports.get(HERE) ?? {}
  const jobs = [
    { protocol: 'tcp', address: HERE, port: tcp },
    { protocol: 'udp', address: HERE, port: udp },
    { protocol: 'tcp', address: '127.0.0.2', port: 1, namespace: '/proc/self/ns/net' },
    { protocol: 'udp', address: '127.0.0.2', port: 1 },
    { protocol: 'tcp', address: HERE, port: 1, namespace: '/run/netns/not-there' },
  ] as const
  const { stdout } = await runner.run(['bash', '-s'], { stdin: connectScript('mark', jobs, NONCE) })
  const told = jobsTold(stdout, 'mark')
  const readings = jobs.map((_, index) => {
    const { text = '', status } = told.get(`c${index}`) ?? {}
    return parseConnection(text, status)
  })
  t.deepEqual(readings.slice(0, 4), [
    { state: 'answered' },
    { state: 'answered' },
    { state: 'refused', error: 'Connection refused' },
    { state: 'refused', error: 'Connection refused' },
  ])
  t.is(readings[4]?.problem?.why, 'unparsable')
  await held.stop()
})

test('jobs that end at the same moment are told apart', async (t) => {
  const jobs = new Array<ConnectJob>(2 * WAVE).fill({ protocol: 'tcp', address: '127.0.0.2', port: 1 })
  const stdin = connectScript('mark', jobs, NONCE)
  const { stdout } = await localRunner('here').run(['bash', '-s'], { stdin })
  const told = [...jobsTold(stdout, 'mark').values()]
  t.is(told.length, jobs.length)
  const states = told.map(({ text, status }) => parseConnection(text, status).state)
  t.true(states.every((state) => state === 'refused'))
})

test('what bash says is told apart', (t) => {
  const table = [
    ['opened', 124, 'stalled'],
    ['opened', 22, 'stalled'],
    ['', 124, 'lost'],
    ['bash: line 1: connect: Connection timed out', 20, 'lost'],
    ['bash: line 1: printf: write error: Operation not permitted', 21, 'refused'],
    ['bash: connect: No route to host', 1, 'refused'],
    ['nsenter: reassociate to namespace failed: Operation not permitted', 1, 'not-permitted'],
    ['bash: line 9: timeout: command not found', 127, 'not-installed'],
    ['', undefined, 'timed-out'],
  ] as const
  for (const [text, status, is] of table) {
    const { state, problem } = parseConnection(text, status)
    t.is(state ?? problem?.why, is, text)
  }
})

test('nothing but addresses and ports gets into the scripts', (t) => {
  const job = { protocol: 'tcp', address: HERE, port: 1 } as const
  t.throws(() => connectScript('mark', [{ ...job, address: '$(id)' }], NONCE), { instanceOf: TypeError })
  t.throws(() => connectScript('mark', [{ ...job, port: 70_000 }], NONCE), { instanceOf: TypeError })
  t.throws(() => listenScript([{ address: '-e', namespace: '/x' }], NONCE), { instanceOf: TypeError })
})
