/** `npm run walk-vs-kernel -- --states 2000 --seed 1`: what the walk predicts beside what pings find, in random states. */
import { parseArgs } from 'node:util'
import { present } from '../../../checks/model/present.ts'
import { compareStates } from './compare-states.ts'

const { values } = parseArgs({
  options: {
    states: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    name: { type: 'string' },
  },
})

const started = performance.now()
const outcome = await compareStates(
  {
    states: Number(values.states),
    seed: Number(values.seed),
    ...present({ name: values.name }),
  },
  ({ compared, wrong, undecided }, made) => {
    if (made % 20 === 0)
      console.error(`${made} states, ${compared} pings, ${wrong.length} wrong, ${undecided.length} undecided`)
  },
)

for (const text of outcome.wrong) console.log(`wrong: ${text}\n`)
for (const text of outcome.undecided) console.log(`undecided: ${text}\n`)
const share = (100 * outcome.undecided.length) / Math.max(1, outcome.compared)
const seconds = ((performance.now() - started) / 1000).toFixed(0)
console.log(
  `${outcome.states} states, ${outcome.compared} pings (${outcome.lost} of them lost): ${outcome.wrong.length} disagreements, ${outcome.undecided.length} undecided (${share.toFixed(1)} %), ${seconds} s`,
)
process.exitCode = outcome.wrong.length === 0 ? 0 : 1
