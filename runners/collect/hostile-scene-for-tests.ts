/** Programs that call themselves what they like, in a network namespace of their own. */
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HostSnapshot } from '../../checks/model/snapshot.ts'
import type { RunningCommand } from '../hosts/command/runner.ts'
import { open, run } from '../hosts/command/spawn.ts'
import { makeRunner } from '../hosts/make-runner.ts'
import { collectHost, factsFromSections } from './collect.ts'

export interface Scene {
  readonly dir: string
  /** Starts a program of that name in the namespace; it waits. */
  readonly start: (name: string, words: readonly string[], options?: Started) => Promise<RunningCommand>
  readonly collect: () => Promise<{ readonly snapshot: HostSnapshot; readonly raw: string }>
}

interface Started {
  readonly user?: string
  readonly env?: readonly string[]
  /** Default: a script that waits. */
  readonly program?: string
}

/** A network namespace with programs of a test in it; all of it goes again. */
export async function inScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'hostile-'))
  chmodSync(dir, 0o755)
  const network = `fd-hostile-${process.pid}-${Math.random().toString(36).slice(2, 8)}`
  const running: RunningCommand[] = []
  await run(['ip', 'netns', 'add', network])
  const start: Scene['start'] = async (name, words, { user = '0', env = [], program } = {}) => {
    const path = join(dir, name)
    if (program !== undefined) copyFileSync(program, path)
    else if (!existsSync(path)) writeFileSync(path, '#!/bin/sh\nwhile :; do sleep 1; done\n')
    chmodSync(path, 0o755)
    const as = ['setpriv', '--reuid', user, '--clear-groups', 'env', ...env]
    const command = await open(['ip', 'netns', 'exec', network, ...as, path, ...words])
    running.push(command)
    await new Promise((done) => setTimeout(done, 300))
    return command
  }
  const collect: Scene['collect'] = async () => {
    const runner = makeRunner('h', `netns://${network}`)
    const { sections } = await collectHost(runner)
    return { snapshot: factsFromSections({ name: 'h', via: 'x' }, sections), raw: JSON.stringify(sections) }
  }
  try {
    await work({ dir, start, collect })
  } finally {
    for (const command of running) await command.stop(0)
    await run(['ip', 'netns', 'del', network])
    rmSync(dir, { recursive: true, force: true })
  }
}
