/** The reading of the datastore in a saved state's datastore.json, checked: the file may have been edited by hand. */
import { z } from 'zod'
import { ABSENCES } from '../../checks/model/snapshot.ts'
import { StateError } from '../collect/saved/state-meta.ts'
import { maskedJson } from '../collect/section/mask-json.ts'
import { kubernetesReading } from './kubernetes/reading.ts'
import { isKubernetes } from './kubernetes/unread.ts'
import type { DatastoreReading, EtcdReading } from './reading.ts'

const count = z.int().nonnegative()
const absence = z.enum(ABSENCES)
const problem = z.object({ why: absence, detail: z.string(), off: z.literal(true).optional() })

const entry = z.looseObject({
  key: z.string(),
  // What an older version saved may still have the key of a backend.
  value: z.string().transform(maskedJson),
  revision: count,
  ttlSeconds: z.number().optional(),
  leaseId: z.string().optional(),
})

const store = z.looseObject({
  present: z.boolean(),
  revision: count,
  entries: z.array(entry),
  problem: problem.optional(),
})

const endpoint = z.looseObject({
  url: z.string(),
  reachable: z.boolean(),
  why: absence.optional(),
  problem: z.string().optional(),
})

const reading = z.looseObject({
  prefix: z.string(),
  via: z.string().optional(),
  askedApi: z.enum(['auto', 'v2', 'v3']).default('auto'),
  endpoints: z.array(endpoint),
  v2: store.nullable().default(null),
  v3: store.nullable().default(null),
  at: z.number().default(0),
})

const NO_READING: EtcdReading = { prefix: '', askedApi: 'auto', endpoints: [], v2: null, v3: null, at: 0 }

/**
 * The reading out of the content of `path`; one without endpoints where none was saved. Throws StateError with the
 * place and what was expected there.
 */
export function savedReading(content: unknown, path: string): DatastoreReading {
  if (content === null) return NO_READING
  const isEtcd = !isKubernetes(content)
  const parsed = (isEtcd ? reading : kubernetesReading).safeParse(content)
  // zod's optional members may be present and undefined; in JSON they are never undefined.
  if (parsed.success) return parsed.data as unknown as DatastoreReading
  throw wrongPlace(parsed.error.issues[0], path, `a reading of ${isEtcd ? 'etcd' : 'Kubernetes'}`)
}

function wrongPlace(issue: z.core.$ZodIssue | undefined, path: string, wanted: string): StateError {
  const place = issue === undefined || issue.path.length === 0 ? path : `${path}: ${issue.path.join('.')}`
  const [, expected = wanted, found = 'something else'] =
    /expected (.*?), received (.*)$/.exec(issue?.message ?? '') ?? []
  return new StateError(place, expected, found)
}
