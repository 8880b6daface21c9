/** Tarballs of npm, made and unpacked. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { present } from '../../checks/model/present.ts'
import { run } from '../hosts/command/spawn.ts'

/** What a command printed. Throws where it fails. */
export async function must(argv: readonly string[], stdin?: string): Promise<string> {
  const { end, stdout, stderr } = await run(argv, {
    timeoutMs: 240_000,
    ...present({ stdin }),
  })
  if ('exit' in end && end.exit === 0) return stdout.toString()
  throw new Error(`${argv.join(' ')}: ${JSON.stringify(end)} ${stdout.toString().slice(-2000)}${stderr}`)
}

/** The tarball that npm makes of a folder. */
export async function packed(folder: string, into: string): Promise<string> {
  const said = await must(['npm', 'pack', folder, '--ignore-scripts', '--pack-destination', into, '--json'])
  return join(into, (JSON.parse(said) as readonly [{ filename: string }])[0].filename)
}

/** Unpacks it. */
export async function unpack(file: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await must(['tar', '-xzf', file, '-C', folder, '--strip-components=1'])
}
