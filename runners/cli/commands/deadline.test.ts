/** Whatever does not answer: the run ends within a second of its one deadline, with a report of the rest. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { needs } from '../../test-needs.ts'
import { BIN, DEADLINE_S, doctor, measureStart, SPARE_MS, timed } from './deadline-for-tests.ts'

type Talk = (socket: Socket) => void

const TALKS: Readonly<Record<string, Talk>> = {
  silent: () => {},
  trickling: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n')
    const timer = setInterval(() => socket.write('{'), 200)
    socket.once('close', () => clearInterval(timer))
  },
  endless: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{')
    const fill = (): void => {
      while (!socket.destroyed && socket.write('"'.repeat(65_536)));
    }
    socket.on('drain', fill)
    fill()
  },
}

async function serving<T>(
  talk: Talk,
  at: string | undefined,
  work: (port: number) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.resume()
    talk(socket)
  })
  await new Promise<void>((resolve) => {
    if (at === undefined) server.listen(0, '127.0.0.1', resolve)
    else server.listen(at, resolve)
  })
  const address = server.address()
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

let startMs = 0

test.before(async (t) => {
  t.timeout(60_000)
  startMs = await measureStart()
})

function inventory(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'deadline-')), 'hosts.yaml')
  writeFileSync(path, text)
  return path
}

for (const [name, talk] of Object.entries(TALKS)) {
  test.serial(`an etcd that is ${name}`, async (t) => {
    await serving(talk, undefined, async (port) => {
      const { exit, report, overMs, stderr } = await doctor([
        'check',
        '--host',
        'local:',
        '--etcd',
        `http://127.0.0.1:${port}`,
      ])
      t.true(overMs < SPARE_MS, `${overMs} ms over`)
      t.is(exit, 3, stderr)
      t.is(report?.hosts.length, 1)
    })
  })
}

const MUTE = Array.from({ length: 64 }, (_, n) => `  - { name: h${n}, via: 'ssh://127.0.0.1:PORT' }`).join(
  '\n',
)

for (const words of [['check'], ['check', '--probe'], ['trace', 'h0', 'h1']]) {
  needs(test.serial, 'sshd')(`${words.join(' ')} of 64 ssh hosts that accept and never speak`, async (t) => {
    await serving(TALKS.silent as Talk, undefined, async (port) => {
      const file = inventory(
        `etcd: { endpoints: [http://127.0.0.1:${port}] }\nhosts:\n${MUTE.replaceAll('PORT', `${port}`)}\n`,
      )
      const { exit, report, overMs, queued, stderr } = await doctor([...words, '--inventory', file])
      t.true(overMs < SPARE_MS, `${overMs} ms over`)
      t.is(exit, 3, stderr)
      t.is(report?.hosts.length, 64)
      t.is(report?.run.interrupted, 'the deadline passed')
      t.true((report?.run.durationMs ?? 0) - queued < DEADLINE_S * 1000 + SPARE_MS)
      t.true(report?.hosts.every(({ reachable }) => !reachable))
    })
  })
}

needs(test.serial, 'docker')('Docker sockets that are silent, of hosts and on the way to etcd', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'deadline-'))
  const socket = join(dir, 'docker.sock')
  await serving(TALKS.silent as Talk, socket, async () => {
    const hosts = Array.from(
      { length: 12 },
      (_, n) => `  - { name: h${n}, via: 'docker://h${n}@${socket}' }`,
    ).join('\n')
    const file = inventory(
      `etcd: { endpoints: [http://192.0.2.1:2379], prefix: /x, via: 'docker://h1@${socket}' }\nhosts:\n${hosts}\n`,
    )
    const { exit, report, overMs, stderr } = await doctor(['check', '--inventory', file])
    t.true(overMs < SPARE_MS, `${overMs} ms over`)
    t.is(exit, 3, stderr)
    t.is(report?.hosts.length, 12)
  })
  rmSync(dir, { recursive: true })
})

needs(
  test.serial,
  'root',
  'netns',
)('a name server that never answers', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'deadline-'))
  const conf = join(dir, 'resolv.conf')
  writeFileSync(conf, 'nameserver 127.0.0.9\n')
  const mute = `const parent = process.ppid
require('dgram').createSocket('udp4').bind(53, '127.0.0.9')
setInterval(() => process.ppid === parent || process.exit(), 100)`
  const script = `ip link set lo up && mount --bind "$1" /etc/resolv.conf && { "$2" -e "$3" >/dev/null 2>&1 & }
shift 3; sleep 0.3; exec "$@"`
  const prefix = ['unshare', '-m', '-n', 'sh', '-c', script, 'sh', conf, process.execPath, mute]
  const { exit, overMs, stderr } = await doctor(
    ['check', '--host', 'local:', '--etcd', 'http://etcd.nowhere.example:2379'],
    prefix,
  )
  t.true(overMs < SPARE_MS, `${overMs} ms over`)
  t.is(exit, 3, stderr)
})

test.serial('collect says what its deadline left out', async (t) => {
  await serving(TALKS.silent as Talk, undefined, async (port) => {
    const file = inventory(
      `etcd: { endpoints: [http://127.0.0.1:${port}] }\nhosts:\n  - { name: h1, via: 'ssh://127.0.0.1:${port}' }\n  - { name: h2, via: 'local:' }\n`,
    )
    const save = join(mkdtempSync(join(tmpdir(), 'deadline-')), 's')
    const words = ['collect', '--inventory', file, '--save', save, '--deadline', `${DEADLINE_S}`]
    const { end, stderr, ms } = await timed([process.execPath, BIN, ...words])
    t.deepEqual(end, { exit: 3 })
    t.regex(stderr, /saved 1 of 2 hosts/)
    t.regex(stderr, /h1: .*gave no answer before the deadline/)
    t.true(ms < DEADLINE_S * 1000 + startMs + SPARE_MS)
  })
})
