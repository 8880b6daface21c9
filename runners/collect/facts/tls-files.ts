/**
 * The files that flanneld's own flags and variables name for etcd's TLS, as flanneld sees them. Of a
 * file only its certificates leave the host; of the key file only that it exists.
 */
import { X509Certificate } from 'node:crypto'
import type { Certificate, TlsFile, TlsFiles, TlsOption } from '../../../checks/model/tls-file.ts'
import { textLines } from '../section/rows.ts'
import type { FactCollector, Parsed } from '../section/section.ts'

/** Bytes read of one file; a bundle of 140 authorities has about 220,000. */
const MOST_BYTES = 524_288
/** A distinguished name as node:crypto prints it, an attribute per line, as one line. */
export function distinguishedName(text: string | undefined): string {
  return (text ?? '').replaceAll('\n', ', ')
}

/** Certificates looked at per file. */
const MOST_CERTIFICATES = 500

/**
 * `tls_file PID OPTION PATH`. Behind /proc/PID/root an absolute symbolic link would lead to our own files,
 * so that a file which cannot be found in another root may still be there for flanneld.
 */
const TLS_FILE = `tls_file() {
  [ -n "$3" ] || return 0
  case $3 in /*) f=/proc/$1/root$3 ;; *) f=/proc/$1/cwd/$3 ;; esac
  printf 'pid=%s\\noption=%s\\npath=%s\\n' "$1" "$2" "$3"
  if [ ! -d "/proc/$1/root/." ] || [ ! -d "/proc/$1/cwd/." ]; then echo state=unreadable
  elif [ -f "$f" ] && [ -r "$f" ]; then
    echo state=present
    [ "$2" = etcd-keyfile ] || head -c ${MOST_BYTES} "$f" | tr -d '\\r' |
      sed -n '/^-----BEGIN CERTIFICATE-----$/,/^-----END CERTIFICATE-----$/p'
  elif [ -e "$f" ]; then echo state=unreadable
  elif [ "/proc/$1/root/." -ef / ]; then echo state=missing
  elif [ -L "$f" ] || [ ! -d "\${f%/*}" ]; then echo state=unreadable
  else echo state=missing
  fi
}`

/** Words of one process out of FLANNELD_WORDS, which lists all of them, each behind its `pid=` line. */
const SCRIPT = `if [ -z "$FLANNELD_PIDS" ]; then
  if [ -n "$FLANNELD_HIDDEN" ]; then echo hidden; else echo none; fi
  exit 0
fi
case $FLANNELD_WORDS in *etcd-*file*|*FLANNELD_ETCD_*FILE*) ;; *) exit 0 ;; esac
${TLS_FILE}
for p in $FLANNELD_PIDS; do
  words=$(printf '%s\\n' "$FLANNELD_WORDS" | sed -n "/^pid=$p\\$/,/^pid=/p")
  for o in etcd-cafile etcd-certfile etcd-keyfile; do
    flag "$o" "$words"
    if [ -z "$FLAG" ]; then
      FLAG=$(printf '%s\\n' "$words" | sed -n "s/^env=FLANNELD_$(printf %s "$o" | tr a-z- A-Z_)=//p")
    fi
    tls_file "$p" "$o" "$FLAG"
  done
done`

const ABSENT = new Map<string, { readonly why: 'not-applicable' | 'not-permitted'; readonly detail: string }>(
  [
    ['none', { why: 'not-applicable', detail: 'flanneld does not run' }],
    ['hidden', { why: 'not-permitted', detail: 'flanneld belongs to another user' }],
  ],
)

const OPTIONS: ReadonlySet<string> = new Set<TlsOption>(['etcd-cafile', 'etcd-certfile', 'etcd-keyfile'])
const STATES: ReadonlySet<string> = new Set<TlsFile['state']>(['present', 'missing', 'unreadable'])
const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----|^certificate=(\{.*\})$/gm

/** A block that OpenSSL refuses is no certificate: Go's x509 package refuses it as well. */
function certificate(pem: string): readonly Certificate[] {
  try {
    const { subject, issuer, validFromDate, validToDate } = new X509Certificate(pem)
    const [notBefore, notAfter] = [validFromDate.getTime(), validToDate.getTime()]
    if (!Number.isFinite(notBefore) || !Number.isFinite(notAfter)) return []
    return [{ subject: distinguishedName(subject), issuer: distinguishedName(issuer), notBefore, notAfter }]
  } catch {
    return []
  }
}

/** What was judged of a certificate, in place of the certificate itself: so a redacted state has it. */
function told(json: string): readonly Certificate[] {
  try {
    const { subject, issuer, notBefore, notAfter } = JSON.parse(json) as Partial<Certificate>
    const isWhole = typeof subject === 'string' && typeof issuer === 'string'
    if (!isWhole || !Number.isFinite(notBefore) || !Number.isFinite(notAfter)) return []
    return [{ subject, issuer, notBefore: Number(notBefore), notAfter: Number(notAfter) }]
  } catch {
    return []
  }
}

/** The certificates in a text, in their order. */
export function certificatesOf(text: string): readonly Certificate[] {
  const found = [...text.matchAll(CERTIFICATE)].slice(0, MOST_CERTIFICATES)
  return found.flatMap(([pem, json]) => (json === undefined ? certificate(pem) : told(json)))
}

/** One file from its `pid=` line to the next. */
function tlsFile(block: string): readonly TlsFile[] {
  const field = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(block)?.[1] ?? ''
  const [option, state, pid] = [field('option'), field('state'), Number(field('pid'))]
  if (!OPTIONS.has(option) || !STATES.has(state) || !Number.isSafeInteger(pid)) return []
  const certificates = certificatesOf(block)
  return [
    { pid, option: option as TlsOption, path: field('path'), state: state as TlsFile['state'], certificates },
  ]
}

function parse(text: string): Parsed<TlsFiles> {
  const absent = ABSENT.get(text.trim())
  if (absent !== undefined) return { problem: absent }
  const lines = textLines(text)
  if (lines.length > 0 && !lines[0]?.startsWith('pid='))
    return { problem: { why: 'unparsable', detail: 'no line pid=' } }
  return { value: { files: text.split(/^(?=pid=)/m).flatMap(tlsFile) } }
}

export const tlsFiles: FactCollector<'tlsFiles'> = {
  fact: 'tlsFiles',
  command: 'openssl x509 -noout -subject -issuer -dates -in FILE',
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => parse(stdout),
}
