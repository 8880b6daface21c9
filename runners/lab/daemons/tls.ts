/** Certificates of a lab's etcd: an authority of its own, one certificate for the server and one for the clients. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { $ } from '../../hosts/command/zx.ts'
import { LabError } from '../lab-error.ts'
import { SWITCH_ADDRESS } from '../plan/plan.ts'

export interface LabCertificates {
  readonly ca: string
  readonly cert: string
  readonly key: string
  readonly serverCert: string
  readonly serverKey: string
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
/** A lab lives for hours; a lease for 24 h. */
const DAYS = 30

/**
 * Extensions of both certificates. etcd's gateway from JSON to gRPC logs in to its own server
 * with the server's certificate, so that one is for clients too.
 */
const EXTENSIONS = [
  'basicConstraints=CA:FALSE',
  'extendedKeyUsage=serverAuth,clientAuth',
  `subjectAltName=IP:${SWITCH_ADDRESS},IP:127.0.0.1,DNS:localhost`,
]

async function must(step: Promise<{ ok: boolean; stderr: string }>): Promise<void> {
  const { ok, stderr } = await step
  if (!ok) throw new LabError('failed', `openssl made no certificate: ${stderr.trim().split('\n').at(-1)}`)
}

/** Makes the certificates in `directory`; keys are readable by root alone. */
export async function makeCertificates(directory: string): Promise<LabCertificates> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = (name: string): string => `${directory}/${name}`
  writeFileSync(file('extensions'), `${EXTENSIONS.join('\n')}\n`)
  await must(
    $`umask 077; openssl req -x509 ${KEY} -days ${DAYS} -subj ${'/CN=flannel-doctor lab'} -keyout ${file('ca.key')} -out ${file('ca.pem')}`,
  )
  await Promise.all(
    ['server', 'client'].map((name) =>
      must($`umask 077
        openssl req ${KEY} -subj ${`/CN=${name}`} -keyout ${file(`${name}.key`)} -out ${file(`${name}.csr`)}
        openssl x509 -req -days ${DAYS} -in ${file(`${name}.csr`)} -CA ${file('ca.pem')} -CAkey ${file('ca.key')} -set_serial ${name === 'server' ? 2 : 3} -extfile ${file('extensions')} -out ${file(`${name}.pem`)}`),
    ),
  )
  return {
    ca: file('ca.pem'),
    cert: file('client.pem'),
    key: file('client.key'),
    serverCert: file('server.pem'),
    serverKey: file('server.key'),
  }
}
