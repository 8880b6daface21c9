// flanneld writes subnet.env at every start, once lease and backend are ready, by a new file that it renames (flannel
// `pkg/subnet/subnet.go`, `WriteSubnetFile`). A file that is older than the process is not from this run: flanneld has no
// lease yet, cannot write the file (v0.8.0 and later go on without), or writes another one.
import { defineHostCheck } from '../define.ts'
import { named } from '../model/named.ts'

/** Seconds by which clock, age and time of modification may be rounded, and more. */
const TOLERANCE_SECONDS = 10
/** Seconds a flanneld may need for its lease and its backend. */
const SETTLED_SECONDS = 60

export const check = defineHostCheck({
  id: 'subnet-env/age',
  title: 'Age of subnet.env',
  backends: 'any',
  needs: ['subnetEnv', 'flanneld', 'kernel'],
  needsExpected: false,
  findings: {
    'written-elsewhere': {
      severity: 'warning',
      confidence: 'certain',
      says: 'flanneld on {host} writes {expected}, and {observed}, which is read here, is older: what starts next takes an old subnet and MTU once the lease is another',
      fix: 'Start flanneld on {host} with -subnet-file={observed} (or without FLANNELD_SUBNET_FILE, where that names the other one), or let Docker and CNI read {expected} and remove the old file.',
      heal: [{ on: 'host', restart: 'flanneld', options: ['-subnet-file={observed}'] }],
    },
    'older-than-daemon': {
      severity: 'info',
      confidence: 'likely',
      says: '{object} on {host} is {observed} seconds older than the running flanneld: it was written by an earlier run',
      fix: 'Look into the log of flanneld for "Failed to write subnet file" or a lease it waits for, and compare its -subnet-file with the file that Docker reads; then restart flanneld.',
    },
  },
  *evaluate({ facts: { subnetEnv, flanneld, kernel } }) {
    const { modifiedAt, path } = subnetEnv
    // Whoever copies flanneld's file to this place did not do so since it was written.
    if (subnetEnv.writtenElsewhere !== undefined) {
      const [own, object] = [subnetEnv.writtenElsewhere, named('file', path)]
      return yield { code: 'written-elsewhere', object, expected: own, observed: path }
    }
    const { clockSeconds, uptimeSeconds } = kernel
    const ages = flanneld.processes.map(({ ageSeconds }) => ageSeconds)
    const [age] = ages
    if (ages.length !== 1 || age === undefined || age < SETTLED_SECONDS) return
    if (modifiedAt === undefined || clockSeconds === undefined || uptimeSeconds === undefined) return
    // A file from before the boot was perhaps written before the clock was set.
    if (modifiedAt < clockSeconds - uptimeSeconds) return
    const older = Math.round(clockSeconds - age - modifiedAt)
    if (older <= TOLERANCE_SECONDS) return
    yield {
      code: 'older-than-daemon',
      object: path,
      expected: 'written since its start',
      observed: String(older),
    }
  },
})
