/** Replays of many hosts beside reading and parsing the same files, and the memory that they take. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { present } from '../../checks/model/present.ts'
import { run } from '../hosts/command/spawn.ts'
import { compare, median } from './measure.ts'
import { writeNetwork } from './synth/write-network.ts'

const MIB = 1024
const LONGEST_MS = 600_000

/** Said at the end by the process that is measured: its greatest resident set, KiB, and the work of the processors, microseconds. */
const SAY_USAGE =
  'data:text/javascript,process.on("exit",()=>{const u=process.resourceUsage();console.error("maxRSS "+u.maxRSS+" work "+(u.userCPUTime+u.systemCPUTime))})'

/** What any replay must at least do. */
const PARSE = `
import { globSync, readFileSync } from 'node:fs'
for (const path of globSync(process.argv[1] + '/**/*.{txt,json}')) {
  const text = readFileSync(path, 'utf8')
  if (/^[[{]/.test(text)) try { JSON.parse(text) } catch {}
}`

interface Measured {
  /** Work of the processors, which other work on the machine disturbs less than the time. */
  readonly ms: number
  /** Milliseconds by the clock. */
  readonly clock: number
  readonly mib: number
}

async function measured(words: readonly string[]): Promise<Measured> {
  const argv = [process.execPath, '--import', SAY_USAGE, ...words]
  const { end, stderr, ms: clock } = await run(argv, { timeoutMs: LONGEST_MS })
  const [, kib, work] = /maxRSS (\d+) work (\d+)/.exec(stderr) ?? []
  if (!('exit' in end) || end.exit > 1 || kib === undefined) throw new Error(`${words.join(' ')}: ${stderr}`)
  return { ms: Number(work) / 1000, clock, mib: Number(kib) / MIB }
}

/** Prints them for the command at `bin`. */
export async function benchReplay(bin: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'flannel-doctor-bench-'))
  const replay = (hosts: number) => measured([bin, 'replay', join(work, String(hosts))])
  const write = (hosts: number, leases?: number) =>
    writeNetwork(join(work, String(hosts)), { hosts, ...present({ leases }) })
  try {
    write(500)
    write(1000)
    let memory = 0
    const clocks: { readonly ours: number[]; readonly base: number[] } = { ours: [], base: [] }
    await compare('replay of 1,000 hosts beside parsing the same files, work of the processors', {
      ours: async () => {
        const { ms, clock, mib } = await replay(1000)
        memory = Math.max(memory, mib)
        clocks.ours.push(clock)
        return ms
      },
      base: async () => {
        const { ms, clock } = await measured(['--input-type=module', '-e', PARSE, join(work, '1000')])
        clocks.base.push(clock)
        return ms
      },
      aim: 2,
      pairs: 3,
    })
    const [ours, base] = [median(clocks.ours), median(clocks.base)]
    console.log(
      `the same by the clock: ${(ours / base).toFixed(2)} (${ours.toFixed(0)} ms beside ${base.toFixed(0)} ms; aim at most 2)`,
    )
    console.log(`memory of it: ${memory.toFixed(0)} MiB (aim at most 300)`)
    await compare('replay of 1,000 hosts beside 500, four times the entries, work of the processors', {
      ours: async () => (await replay(1000)).ms,
      base: async () => (await replay(500)).ms,
      aim: 4.4,
      pairs: 3,
    })
    write(5000, 200)
    const { ms, mib } = await replay(5000)
    console.log(
      `replay of 5,000 hosts with 200 peers each: ${(ms / 1000).toFixed(1)} s of work, ${mib.toFixed(0)} MiB (aim below 1024)`,
    )
  } finally {
    rmSync(work, { recursive: true })
  }
}
