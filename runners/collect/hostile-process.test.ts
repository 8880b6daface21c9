/** Processes that call themselves flanneld or dockerd, as real processes in a network namespace of the test. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'ava'
import { run } from '../hosts/command/spawn.ts'
import { cachedFlanneld, DEFAULT_VERSION } from '../setup/flanneld.js'
import { needs } from '../test-needs.ts'
import { inScene } from './hostile-scene-for-tests.ts'

const NOBODY = '65534'
const SECRET = 'canary-7f3a'

const live = needs(test.serial, 'root', 'netns')

live('a flanneld of any user says nothing: no file that it names is read, it is none', async (t) => {
  await inScene(async ({ dir, start, collect }) => {
    const secret = join(dir, 'secret')
    writeFileSync(secret, `FLANNEL_MTU=${SECRET}\n`, { mode: 0o600 })
    await start('flanneld', [`-subnet-file=${secret}`, '-etcd-cafile=/dev/zero'], { user: NOBODY })
    await start('dockerd', ['--bip=1.2.3.4/24', `--config-file=${secret}`], { user: NOBODY })
    const { snapshot, raw } = await collect()
    t.like(snapshot.facts.flanneld, { known: true, value: { processes: [] } })
    t.false(raw.includes(SECRET))
    t.false(raw.includes('1.2.3.4'))
    t.regex(raw, /stranger=\d+/)
  })
})

live(
  "root's flanneld may name a FIFO, a device or another file: nothing hangs, only FLANNEL_ lines are read",
  async (t) => {
    await inScene(async ({ dir, start, collect }) => {
      const fifo = join(dir, 'fifo')
      await run(['mkfifo', fifo])
      for (const [path, why] of [
        [fifo, 'unparsable'],
        ['/dev/zero', 'unparsable'],
        [dir, 'missing'],
      ] as const) {
        const command = await start('flanneld', [
          `-subnet-file=${path}`,
          `-etcd-cafile=${path}`,
          `-etcd-certfile=${fifo}`,
        ])
        const startedAt = performance.now()
        const { snapshot } = await collect()
        t.like(snapshot.facts.subnetEnv, { known: false, why }, path)
        t.true(snapshot.facts.tlsFiles.known, path)
        t.true(performance.now() - startedAt < 4000, path)
        await command.stop(0)
      }
      const other = join(dir, 'other')
      writeFileSync(other, `PASSWORD=${SECRET}\n${SECRET}\nFLANNEL_MTU=1400\n`)
      await start('flanneld', [`-subnet-file=${other}`])
      const { snapshot, raw } = await collect()
      t.like(snapshot.facts.subnetEnv, { known: true, value: { mtu: 1400 } })
      t.false(raw.includes(SECRET))
    })
  },
)

live('secrets on the command lines and in the environment never leave the host', async (t) => {
  await inScene(async ({ start, collect }) => {
    const url = `http://user:${SECRET}@/,x:@h:2379`
    await start(
      'flanneld',
      [
        `-etcd-endpoints=http://a:2379,${url},https://u:${SECRET}/p@b:1`,
        `-etcd-password=${SECRET}`,
        '-etcd-password',
        SECRET,
        `--x-token=${SECRET}`,
      ],
      {
        env: [
          `FLANNELD_ETCD_PASSWORD=${SECRET}`,
          `FLANNELD_ETCD_ENDPOINTS=${url}`,
          `FLANNELD_MY_TOKEN=${SECRET}`,
          `OTHER=${SECRET}`,
        ],
      },
    )
    await start('dockerd', [
      '--bip=10.5.1.1/24',
      `--log-opt=splunk-token=${SECRET}`,
      '--log-opt',
      `splunk-token=${SECRET}`,
      `--cluster-store-opt=kv.password=${SECRET}`,
      `--http-proxy=http://u:${SECRET}@proxy`,
      `--label=${SECRET}`,
      `-H=tcp://u:${SECRET}@h:1`,
      '--selinux-enabled',
      '--mtu=1450',
    ])
    const { raw, snapshot } = await collect()
    t.false(raw.includes(SECRET), /.{80}canary.{20}/.exec(raw)?.[0])
    const { flanneld, docker } = snapshot.facts
    t.true(
      flanneld.known &&
        flanneld.value.processes[0]?.argv.some((word) =>
          word.includes('http://a:2379,http://********@h:2379,https://********@b:1'),
        ),
      JSON.stringify(flanneld),
    )
    t.regex(raw, /--bip=10\.5\.1\.1\/24/)
    t.regex(raw, /--mtu=1450/)
    t.truthy(docker)
  })
})

live('a program named like flanneld is not run for its version', async (t) => {
  await inScene(async ({ dir, start, collect }) => {
    const ran = join(dir, 'ran')
    for (const name of ['flanneld', 'flannel-cleanup', 'flannel']) {
      writeFileSync(
        join(dir, name),
        `#!/bin/sh\n[ "$1" = --version ] && echo v9.9.9 >>'${ran}'\nwhile :; do sleep 1; done\n`,
      )
      await start(name, [])
    }
    const { snapshot } = await collect()
    t.false(existsSync(ran))
    const { flanneld } = snapshot.facts
    const processes = flanneld.known ? flanneld.value.processes : []
    t.is(processes.length, 2)
    t.true(processes.every(({ version }) => version === undefined))
  })
})

/** As built before Go 1.18 or with -trimpath: the words of the build are not in it. */
function withoutBuildWords(program: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'stripped-')), 'binary')
  const text = readFileSync(program).toString('latin1').replaceAll('version.Version=', 'version.Versio_=')
  writeFileSync(path, text, 'latin1')
  return path
}

needs(
  test.serial,
  'root',
  'netns',
  'flanneld',
)("the version is read out of flanneld's binary, with and without the words of its build", async (t) => {
  for (const version of Object.values(DEFAULT_VERSION)) {
    const stripped = withoutBuildWords(cachedFlanneld(version))
    for (const program of [cachedFlanneld(version), stripped]) {
      await inScene(async ({ start, collect }) => {
        await start('flanneld', ['-etcd-endpoints=http://127.0.0.1:1'], { program })
        const { flanneld } = (await collect()).snapshot.facts
        t.is(flanneld.known ? flanneld.value.processes[0]?.version : undefined, version)
      })
    }
    rmSync(dirname(stripped), { recursive: true })
  }
})
