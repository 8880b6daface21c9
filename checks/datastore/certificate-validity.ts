/** Which certificate of a TLS file counts, and whether its time has come or gone. */
import type { Certificate, TlsFile } from '../model/tls-file.ts'

const DAY_MS = 86_400_000
/** Days before its end at which a certificate of a year is to be renewed. */
const SOON_DAYS = 14
/** Tools that renew by themselves do so with a third of the lifetime left: a tenth means that it did not happen. */
const SOON_PART = 0.1

/** The certificate that counts: the client's own is the first of its file, of authorities the last to end. */
export function decisiveCertificate({ option, certificates }: TlsFile): Certificate | undefined {
  if (option === 'etcd-certfile') return certificates[0]
  return certificates.toSorted((a, b) => b.notAfter - a.notAfter)[0]
}

/** What is wrong with its time at `now` (milliseconds since 1970); undefined where nothing is. */
export function validityOf(
  { notBefore, notAfter }: Certificate,
  now: number,
): 'expired' | 'not-yet-valid' | 'expires-soon' | undefined {
  if (notAfter <= now) return 'expired'
  if (notBefore > now) return 'not-yet-valid'
  const soon = Math.min(SOON_DAYS * DAY_MS, SOON_PART * (notAfter - notBefore))
  return notAfter - now < soon ? 'expires-soon' : undefined
}
