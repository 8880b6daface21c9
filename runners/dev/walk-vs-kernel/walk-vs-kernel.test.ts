/** The walk against the kernel in random states of a real lab; the long run is `npm run walk-vs-kernel`. */
import test from 'ava'
import { needs } from '../../test-needs.ts'
import { compareStates } from './compare-states.ts'

/** Few, since each takes a second or two; the states of another seed are for the long run. */
const STATES = 60
const SEED = 7
/** Share of pings whose fate the walk may leave open. */
const MOST_UNDECIDED = 0.05

needs(
  test,
  'root',
  'netns',
  'etcd',
  'flanneld',
)('in random states of a host pings do what the walk says', async (t) => {
  t.timeout(600_000)
  const { states, compared, lost, wrong, undecided } = await compareStates({ states: STATES, seed: SEED })
  t.deepEqual(wrong, [])
  t.true(undecided.length <= MOST_UNDECIDED * compared, undecided.join('\n\n'))
  t.is(states, STATES)
  t.true(lost > compared / 10 && lost < compared, `${lost} of ${compared} pings were lost`)
  t.log(`${states} states, ${compared} pings, ${lost} lost, ${undecided.length} undecided`)
})
