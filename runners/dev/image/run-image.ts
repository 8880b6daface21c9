/** Runs the image beside a lab, on an engine in the network of its first host: `run-image.ts FOLDER-OF-THE-ENGINE`. */
import { join } from 'node:path'
import { run } from '../../hosts/command/spawn.ts'
import { withLab } from '../../lab/build/up.ts'
import { ROOT } from '../installed-package.ts'
import { blocks, readme } from '../readme/readme-commands.ts'
import { answered, startEngine } from './engine.ts'

const [work = ''] = process.argv.slice(2)
const STATE = join(ROOT, 'fixtures/states/v0.28.9-vxlan')

/** The line of README.md that runs a check of the host. */
function checkOfHost(): string {
  const text = blocks(readme(), 'sh').join('').replaceAll('\\\n', '')
  return text.split('\n').find((one) => /^docker run .*--pid host/.test(one)) ?? ''
}

await withLab({ hosts: 2 }, async ({ hosts }) => {
  // Where every host has it; this /run is nobody else's.
  const socket = 'unix:///run/docker.sock'
  const engine = await startEngine(work, ['nsenter', `--net=/run/netns/${hosts[0]?.namespace}`], socket)
  const tried = async (line: string, expected: RegExp): Promise<void> => {
    const typed = run(['sh', '-c', line], { timeoutMs: 120_000 })
    const [first = ''] = (await answered(typed, expected)).split('\n')
    process.stdout.write(`${line}\n  ${first}\n`)
  }
  try {
    await tried('docker run --rm flannel-doctor --help', /Usage: flannel-doctor/)
    await tried(`docker run --rm -v '${STATE}':/state:ro flannel-doctor replay /state`, /^HEALTHY/)
    await tried(checkOfHost(), /^HEALTHY .*1 host checked/)
  } finally {
    await engine.stop()
  }
})
