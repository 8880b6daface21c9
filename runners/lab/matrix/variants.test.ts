/** Healthy networks of real flanneld: the doctor says nothing against any of them. */
import test from 'ava'
import { EVERYDAY_LABS } from '../../../fixtures/labs/index.ts'
import { needs } from '../../test-needs.ts'
import { LabError } from '../lab-error.ts'
import { judgeVariant } from './variant.ts'

const live = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld')
const liveDocker = needs(test.serial, 'root', 'netns', 'etcd', 'flanneld', 'docker')

for (const variant of EVERYDAY_LABS) {
  const register = variant.settings.docker === 'real' ? liveDocker : live
  register(`healthy: ${variant.title}`, async (t) => {
    const { verdict, findings, undecided, report } = await judgeVariant(variant)
    t.deepEqual({ findings, undecided }, { findings: [], undecided: [] })
    t.is(verdict, 'healthy')
    // A verdict over nothing would be healthy too.
    t.true(report.results.filter(({ outcome }) => outcome === 'pass').length > 40)
  })
}

live('a variant that is not what it says it is, is no proof', async (t) => {
  const proof = () => ({ on: 'h1', argv: ['ip', 'route'], shows: 'dev eth7' })
  await t.throwsAsync(
    judgeVariant({ id: 'liar', title: 'a liar', settings: { hosts: 1 }, proof }, { settleMs: 500 }),
    {
      instanceOf: LabError,
      message: /ip route on h1 does not show "dev eth7"/,
    },
  )
})

live('a network that loses packets is not judged as a healthy one', async (t) => {
  const variant = {
    id: 'broken',
    title: 'no forwarding on h2',
    settings: { hosts: 2 },
    after: () => [{ on: 'h2', argv: ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=0'] }],
    proof: () => ({ on: 'h2', argv: ['sysctl', '-n', 'net.ipv4.ip_forward'], shows: '0' }),
  }
  await t.throwsAsync(judgeVariant(variant, { settleMs: 500 }), {
    instanceOf: LabError,
    message: /does not reach/,
  })
})
