/** The inventory file as a schema; the messages say what was expected. */
import { z } from 'zod'
import { isEndpoint } from '../datastore/http/endpoint-url.ts'
import { HOST_URL_FORMS, parseHostUrl } from '../hosts/host-url.ts'
import { InputError } from '../input-error.ts'
import { LEASED_URL_FORM, leasedUrlProblem } from './leased-hosts.ts'

function text(expected: string) {
  return z.string({ error: expected }).min(1, { error: expected })
}

const hostUrl = text(`a host URL (${HOST_URL_FORMS})`).superRefine((value, context) => {
  try {
    parseHostUrl(value)
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    context.addIssue({ code: 'custom', message: error.message.replace(/^.*": expected /s, '') })
  }
})

const endpoint = text('an etcd URL such as http://192.0.2.10:2379').refine(isEndpoint, {
  error: 'an etcd URL such as http://192.0.2.10:2379',
})

/** Linux `pid_max` cannot exceed 2^22. */
const LARGEST_PID = 2 ** 22

const etcdSchema = z.strictObject(
  {
    endpoints: z.array(endpoint, { error: 'a list of etcd URLs' }).min(1, { error: 'at least one etcd URL' }),
    prefix: text('a key prefix such as /coreos.com/network').optional(),
    api: z.enum(['auto', 'v2', 'v3'], { error: 'auto, v2 or v3' }).optional(),
    ca: text('the path of a PEM file').optional(),
    cert: text('the path of a PEM file').optional(),
    key: text('the path of a PEM file').optional(),
    user: text('a user name').optional(),
    password: text('a password in quotes').optional(),
    via: hostUrl.optional(),
  },
  { error: 'a mapping with endpoints' },
)

const kubeSchema = z.strictObject(
  {
    kubeconfig: text('the path of a kubeconfig').optional(),
    context: text('the name of a context').optional(),
    namespace: text('the namespace of flannel').optional(),
    via: hostUrl.optional(),
  },
  { error: 'a mapping, which may be empty ({})' },
)

const datastoreSchema = z.strictObject({ kube: kubeSchema }, { error: 'a mapping with kube' })

const containerSchema = z.strictObject(
  {
    name: text('a container name'),
    via: text('netns://NAME').regex(/^netns:\/\/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'netns://NAME' }),
  },
  { error: 'a mapping with name and via' },
)

const hostSchema = z.strictObject(
  {
    name: text('a host name').regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/, {
      error: 'a host name: letters, digits, dot, hyphen, underscore',
    }),
    via: hostUrl,
    subnetFile: text('a path').optional(),
    flanneldPid: z
      .int({ error: 'a process id' })
      .min(1, { error: 'a process id' })
      .max(LARGEST_PID, { error: 'a process id' })
      .optional(),
    flanneldLog: text('a path').optional(),
    dockerSocket: text('a path').optional(),
    dockerOptionsFile: text('a path').optional(),
    containers: z.array(containerSchema, { error: 'a list of containers' }).optional(),
  },
  { error: 'a mapping with name and via' },
)

export const inventorySchema = z.strictObject(
  {
    etcd: etcdSchema.optional(),
    datastore: datastoreSchema.optional(),
    sshConfig: text('the path of an ssh_config file').optional(),
    hosts: z
      .array(hostSchema, { error: `a list of hosts, or fromLeases: ${LEASED_URL_FORM}` })
      .min(1, { error: 'at least one host' }),
  },
  { error: 'a mapping with hosts (and etcd)' },
)

/** The form of an inventory whose hosts are those of the leases. */
export const leasedInventorySchema = inventorySchema.extend({
  hosts: z.strictObject(
    {
      fromLeases: text(LEASED_URL_FORM).superRefine((value, context) => {
        const message = leasedUrlProblem(value)
        if (message !== undefined) context.addIssue({ code: 'custom', message })
      }),
    },
    { error: 'a mapping with fromLeases' },
  ),
})

export type InventoryFile = z.infer<typeof inventorySchema>
export type LeasedInventoryFile = z.infer<typeof leasedInventorySchema>

/** The keys each part of the file may have, by the name of the part. */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  etcd: Object.keys(etcdSchema.shape),
  datastore: Object.keys(datastoreSchema.shape),
  kube: Object.keys(kubeSchema.shape),
  hosts: Object.keys(hostSchema.shape),
  containers: Object.keys(containerSchema.shape),
  '': Object.keys(inventorySchema.shape),
}
