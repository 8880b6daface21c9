/** What a real etcd says of itself when it is unwell, and where a directory stands in place of the configuration. */
import test from 'ava'
import { poll } from '../poll.ts'
import { needs } from '../test-needs.ts'
import { datastoreFacts } from './datastore-facts.ts'
import { startTestEtcd } from './etcd-for-tests.ts'
import { readEtcd } from './read-etcd.ts'
import type { EndpointReading } from './reading.ts'

const live = needs(test.serial, 'etcd')
const PREFIX = '/coreos.com/network'

const reading = (url: string) =>
  readEtcd({ endpoints: [url], prefix: PREFIX, api: 'auto' }, new AbortController().signal)

/** The first endpoint as soon as it is said to be unwell. */
const unwell = async (url: string): Promise<EndpointReading | undefined> =>
  poll(
    async () => {
      const [first] = (await reading(url)).endpoints
      return first?.healthy === false ? first : undefined
    },
    { deadline: performance.now() + 20_000, pauseMs: 100 },
  )

live('an alarm is named', async (t) => {
  const { url, stop } = await startTestEtcd()
  t.teardown(stop)
  const { memberId = '' } = (await reading(url)).endpoints[0] ?? {}
  const body = JSON.stringify({
    action: 'ACTIVATE',
    memberID: `${BigInt(`0x${memberId}`)}`,
    alarm: 'NOSPACE',
  })
  t.is((await fetch(`${url}/v3/maintenance/alarm`, { method: 'POST', body })).status, 200)
  t.regex((await unwell(url))?.trouble ?? '', /^memberID:\d+ alarm:NOSPACE$/)
})

live('the lack of a leader is named', async (t) => {
  const { url, ctl, stop } = await startTestEtcd()
  t.teardown(stop)
  t.is((await reading(url)).endpoints[0]?.trouble, undefined)
  // A second member that never comes takes the majority away.
  await ctl('v3', 'member', 'add', 'second', '--peer-urls=http://127.0.0.1:1')
  t.regex((await unwell(url))?.trouble ?? '', /^[\w: ]*no leader$/)
})

live('a directory in place of the configuration is no key that is missing', async (t) => {
  const { url, ctl, stop } = await startTestEtcd()
  t.teardown(stop)
  for (const words of [
    ['mkdir', `${PREFIX}/config`],
    ['set', `${PREFIX}/config/Network`, '10.5.0.0/16'],
  ]) {
    await ctl('v2', ...words)
    const { config, etcd, leases } = datastoreFacts(await reading(url))
    t.like(config, { known: false, why: 'unparsable' })
    t.regex(
      config.known ? '' : config.detail,
      /^\/coreos\.com\/network\/config: a directory of the etcd v2 store/,
    )
    t.like(etcd, { known: true, value: { api: 'v2', configIsDirectory: true } })
    t.like(leases, { known: true, value: { leases: { length: 0 }, unreadable: { length: 0 } } })
  }
})
