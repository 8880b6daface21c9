/** A certificate authority with a server's and a client's certificate, made by openssl, for tests. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../hosts/command/spawn.ts'

export interface TestCertificate {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

async function openssl(...words: readonly string[]): Promise<void> {
  const { end, stderr } = await run(['openssl', ...words])
  if (!('exit' in end) || end.exit !== 0) throw new Error(`openssl ${words[0]}: ${stderr}`)
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const

/** Makes an authority in `folder`; gives back a maker of certificates it signed. */
export async function makeAuthority(folder: string, name: string) {
  const ca = join(folder, `${name}.pem`)
  const caKey = join(folder, `${name}.key`)
  await openssl(
    'req',
    '-x509',
    ...NEW_KEY,
    '-keyout',
    caKey,
    '-out',
    ca,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
  )
  return async (subject: string, names: string, days = '2'): Promise<TestCertificate> => {
    const base = join(folder, `${name}-${subject}`)
    await openssl(
      'req',
      ...NEW_KEY,
      '-keyout',
      `${base}.key`,
      '-out',
      `${base}.csr`,
      '-subj',
      `/CN=${subject}`,
    )
    await writeFile(`${base}.ext`, `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`)
    const signer = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-extfile', `${base}.ext`]
    await openssl('x509', '-req', '-in', `${base}.csr`, ...signer, '-days', days, '-out', `${base}.pem`)
    return { ca, cert: `${base}.pem`, key: `${base}.key` }
  }
}
