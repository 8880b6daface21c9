import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { askSocket } from './socket-http.ts'

test('who does not answer is named, with the request and the time', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'flannel-doctor-socket-'))
  const socketPath = join(folder, 'silent.sock')
  const server = createServer(() => {})
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  t.teardown(() => {
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await t.throwsAsync(askSocket(socketPath, { method: 'GET', path: '/health', timeoutMs: 50 }), {
    message: `${socketPath} did not answer GET /health within 0.05 s`,
  })
})
