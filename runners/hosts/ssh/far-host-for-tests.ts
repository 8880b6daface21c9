/** A namespace with an sshd, and runners of its users. */
import { writeFileSync } from 'node:fs'
import type { Runner } from '../command/runner.ts'
import { run } from '../command/spawn.ts'
import { makeRunner } from '../make-runner.ts'
import { hostBlock, startSshd, type TestSshd } from './sshd-for-tests.ts'

export interface Far {
  readonly sshd: TestSshd
  readonly namespace: string
  /** Kills every sshd of the namespace, and with them its connections. */
  cut(): Promise<void>
  /** A runner of that user, with what is to be changed in its configuration. */
  as(user: string, change?: (config: string) => string): Runner
}

const CUT = `for pid in $(ip netns pids "$1"); do
  [ "$(cat "/proc/$pid/comm")" != sshd ] || kill -KILL "$pid"
done`

let hosts = 0

async function shell(script: string, word: string): Promise<void> {
  await run(['sh', '-c', script, 'sh', word])
}

/** A namespace with an sshd; removed again whatever happens. */
export async function withFar(work: (far: Far) => Promise<void>): Promise<void> {
  const namespace = `fdt-ssh-${process.pid}-${++hosts}`
  await shell('ip netns add "$1" && ip -n "$1" link set lo up', namespace)
  const sshd = await startSshd(namespace)
  let users = 0
  const as: Far['as'] = (user, change = (config) => config) => {
    const name = `far${++users}`
    const sshConfig = `${sshd.knownHosts}-${name}`
    writeFileSync(sshConfig, change(hostBlock(sshd, { name, through: namespace, user })))
    return makeRunner(name, `ssh://${name}`, { sshConfig })
  }
  try {
    await work({ sshd, namespace, as, cut: () => shell(CUT, namespace) })
  } finally {
    await sshd.stop()
    await shell('ip netns del "$1"', namespace)
  }
}

/** Octets as text. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
