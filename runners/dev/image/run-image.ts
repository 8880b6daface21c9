/** Runs the image beside a lab, on an engine in the network of its first host: `run-image.ts FOLDER-OF-THE-ENGINE`. */
import { join } from 'node:path'
import { withLab } from '../../lab/build/up.ts'
import { ROOT } from '../installed-package.ts'
import { blocks, readme } from '../readme/readme-commands.ts'
import { answered, startEngine } from './engine.ts'

const [work = ''] = process.argv.slice(2)
const STATE = join(ROOT, 'fixtures/states/v0.28.9-vxlan')

/** The words of README.md that run a check of the host, `docker` left out. */
function checkOfHost(): readonly string[] {
  const text = blocks(readme(), 'sh').join('').replaceAll('\\\n', '')
  const line = text.split('\n').find((one) => /^docker run .*--pid host/.test(one)) ?? ''
  return line.replace(/\s#.*/, '').trim().split(/ +/).slice(1)
}

await withLab({ hosts: 2 }, async ({ hosts }) => {
  const engine = await startEngine(work, ['nsenter', `--net=/run/netns/${hosts[0]?.namespace}`])
  const tried = async (words: readonly string[], expected: RegExp): Promise<void> => {
    const [first = ''] = (await answered(engine.docker(...words), expected)).split('\n')
    process.stdout.write(`docker ${words.join(' ')}\n  ${first}\n`)
  }
  try {
    await tried(['run', '--rm', 'flannel-doctor', '--help'], /Usage: flannel-doctor/)
    const state = ['-v', `${STATE}:/state:ro`]
    await tried(['run', '--rm', ...state, 'flannel-doctor', 'replay', '/state'], /^HEALTHY/)
    await tried(checkOfHost(), /^HEALTHY .*1 host checked/)
  } finally {
    await engine.stop()
  }
})
