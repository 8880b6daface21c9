/**
 * Shell lines that run once before the sections. They set:
 * FLANNELD_PIDS, FLANNELD_HIDDEN (processes of other users that cannot be placed), FLANNELD_USER (whose it is where that
 * is not root), STRANGERS (processes that any user may have named so),
 * FLANNELD_WORDS (command line, FLANNELD_* variables and those that name its node, one per line, secrets masked),
 * DOCKERD_PID, DOCKERD_WORDS and DOCKER_SOCKET, and SHARED_FILES, which is not empty where files
 * and services of the machine are not those of this host.
 *
 * Processes are looked for in this host's network namespace only: hosts that are network
 * namespaces of one machine see all of its processes. The scan uses builtins, so it costs
 * no process of its own.
 */
import { posixQuote } from '../../hosts/command/quote.ts'
import type { CollectSettings } from './section.ts'

/**
 * System folders first, then the caller's own; never those of npm, whose packages bring
 * commands of the same names (`nft`), nor relative ones.
 */
const SEARCH_PATH = `LC_ALL=C
search=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/bin
set -f; IFS=:
for d in $PATH; do
  case $d in */node_modules/*) ;; /*) search=$search:$d ;; esac
done
unset IFS; set +f
PATH=$search
export LC_ALL PATH`

/**
 * Any user may call a process flanneld. Only root's, ours and those of a service of that name say which files are
 * read and which etcd is asked; the others are strangers. `owner DIR` sets OWNER to the user a process runs as.
 */
const TRUSTED = `owner() { while read -r key OWNER rest; do [ "$key" != Uid: ] || return 0; done <"$1/status"; OWNER=unknown; }
owner /proc/self 2>/dev/null; SELF=$OWNER
trusted() {
  owner "$1"
  [ "$OWNER" != 0 ] && [ "$OWNER" != "$SELF" ] || return 0
  while read -r line; do
    case $line in *:/system.slice/flannel*.service|*:/system.slice/docker*.service) return 0 ;; esac
  done <"$1/cgroup"
  return 1
}`

/** RHEL 7 and CentOS 7 name the program dockerd-current or dockerd-latest. */
const SCAN = `${TRUSTED}
unset DOCKER_HOST DOCKER_CONTEXT DOCKER_TLS_VERIFY DOCKER_CERT_PATH
FLANNELD_PIDS= FLANNELD_HIDDEN= FLANNELD_WORDS= FLANNELD_USER= STRANGERS= DOCKERD_PID= DOCKERD_WORDS= DOCKER_SOCKET=
place() {
  if [ "$1/ns/net" -ef /proc/self/ns/net ]; then
    trusted "$1" || { STRANGERS="$STRANGERS \${1#/proc/}"; return; }
    case $2 in
      dockerd*) DOCKERD_PID=\${DOCKERD_PID:-\${1#/proc/}} ;;
      *)
        FLANNELD_PIDS="$FLANNELD_PIDS \${1#/proc/}"
        [ "$OWNER" = 0 ] || FLANNELD_USER=$OWNER ;;
    esac
  elif [ "\${2#dockerd}" = "$2" ] && [ ! -e "$1/ns/net" ]; then
    # Without CAP_SYS_PTRACE not even root sees it; one that has ended has none.
    read -r stat <"$1/stat"
    case \${stat##*)} in ' Z'*|' X'*) return ;; esac
    FLANNELD_HIDDEN="$FLANNELD_HIDDEN \${1#/proc/}"
  fi
}
for p in /proc/[0-9]*; do
  read -r name <"$p/comm" || continue
  case $name in
    flannel-doctor*) ;;
    flannel|flanneld*|dockerd|dockerd-current|dockerd-latest) place "$p" "$name" ;;
  esac
done 2>/dev/null
IFS_LINE='
'`

/** A NUL separated file as lines; a newline inside a word becomes \\001. */
const LINES = `tr '\\000\\n' '\\n\\001'`
/** Stands for the end of a URL in a list while sed looks for its last `@`: a password may contain `@`, `/` and a comma. */
const MARK = '\u0002'
/** User and password inside a URL. */
export const MASK_URL = `-e 's#,\\([A-Za-z][A-Za-z0-9+.-]*://\\)#${MARK}\\1#g' -e 's#://[^${MARK}[:space:]]*@#://********@#g' -e 's#${MARK}#,#g'`
/** What options and variables that hold a secret have in their names. */
const SECRET = '\\(password\\|passwd\\|secret\\|token\\|credential\\)'
const SECRET_VARIABLE = '\\(PASSWORD\\|PASSWD\\|SECRET\\|TOKEN\\|CREDENTIAL\\)'
const MASK_PASSWORD_FLAG = `-e 's/^\\(argv=--\\{0,1\\}[a-z0-9-]*${SECRET}[a-z0-9-]*=\\).*/\\1********/' -e '/^argv=--\\{0,1\\}[a-z0-9-]*${SECRET}[a-z0-9-]*$/{' -e n -e 's/.*/argv=********/' -e '}'`
const MASK_PASSWORD_VARIABLE = `-e 's/^\\(env=FLANNELD_[A-Z0-9_]*${SECRET_VARIABLE}[A-Z0-9_]*=\\).*/\\1********/'`

const FLANNELD_WORDS = `if [ -n "$FLANNELD_PIDS" ]; then
  FLANNELD_WORDS=$(for p in $FLANNELD_PIDS; do
    echo "pid=$p"
    ${LINES} <"/proc/$p/cmdline" | sed -e 's/^/argv=/' ${MASK_PASSWORD_FLAG} ${MASK_URL}
    echo
    ${LINES} <"/proc/$p/environ" | sed -n -e '/^\\(FLANNELD_\\|NODE_NAME=\\|POD_NAME=\\|POD_NAMESPACE=\\)/!d' -e 's/^/env=/' ${MASK_PASSWORD_VARIABLE} ${MASK_URL} -e p
    echo
  done 2>/dev/null)
fi`

/** Options of dockerd whose values are about its network and its files; what others are given may be a secret. */
const SAID_OPTIONS = [
  ...['bip', 'mtu', 'ip-masq', 'iptables', 'ip6tables', 'ip-forward', 'ip', 'ipv6', 'icc', 'bridge', 'b'],
  ...['fixed-cidr', 'fixed-cidr-v6', 'default-gateway', 'default-gateway-v6', 'default-address-pool'],
  ...[
    'default-network-opt',
    'firewall-backend',
    'userland-proxy',
    'live-restore',
    'host',
    'H',
    'config-file',
  ],
  ...['data-root', 'g', 'graph', 'exec-root', 'pidfile', 'p', 'containerd', 'log-level', 'l', 'log-driver'],
]

/** One word per line in and out; a value of any other option becomes asterisks, in the same word or in the next. */
const DOCKER_WORDS = `docker_words() {
  hide=
  while IFS= read -r w; do
    case $w in
      -H?*|-[bglp]?*) hide= ;;
      -*) n=\${w%%=*}; n=\${n#-}; n=\${n#-}
        case $n in
          ${SAID_OPTIONS.join('|')}) hide= ;;
          *) case $w in *=*) w="\${w%%=*}=********" hide= ;; *) hide=1 ;; esac ;;
        esac ;;
      *) [ -z "$hide" ] || w='********' ;;
    esac
    printf 'argv=%s\\n' "$w"
  done
}`

const DOCKERD_WORDS = `${DOCKER_WORDS}
if [ -n "$DOCKERD_PID" ]; then
  DOCKERD_WORDS=$(${LINES} <"/proc/$DOCKERD_PID/cmdline" 2>/dev/null | docker_words | sed ${MASK_URL})
  set -f; IFS=$IFS_LINE
  for w in $DOCKERD_WORDS; do
    case $w in
      argv=unix://*|argv=-H=unix://*|argv=-Hunix://*|argv=--host=unix://*) DOCKER_SOCKET=\${DOCKER_SOCKET:-\${w#*unix://}} ;;
    esac
  done
  unset IFS; set +f
fi`

/** `flag NAME WORDS` sets FLAG to the last value of that flag, empty when it is not given. */
const FLAG_FUNCTION = `flag() {
  FLAG= pending=
  set -f; IFS=$IFS_LINE
  for w in $2; do
    if [ -n "$pending" ]; then FLAG=\${w#argv=} pending=; continue; fi
    case $w in
      "argv=-$1="*|"argv=--$1="*) FLAG=\${w#*"$1="} ;;
      "argv=-$1"|"argv=--$1") pending=1 ;;
    esac
  done
  unset IFS; set +f
}`

function namedFlanneld(pid: number | undefined): string {
  if (pid === undefined) return ''
  // The named one is listed even from another network; others in the host's own stay, for they are worth knowing.
  return `FLANNELD_HIDDEN=
if [ -d /proc/${pid} ]; then
  case "$FLANNELD_PIDS " in
    *" ${pid} "*) ;;
    *) FLANNELD_PIDS=" ${pid}$FLANNELD_PIDS" ;;
  esac
fi`
}

function dockerSocket(socket: string | undefined): string {
  const named = socket === undefined ? '' : `DOCKER_SOCKET=\${DOCKER_SOCKET:-${posixQuote(socket)}}\n`
  return `${named}if [ -n "$DOCKERD_PID" ]; then DOCKER_SOCKET=\${DOCKER_SOCKET:-/var/run/docker.sock}; fi`
}

/** Said by the settings, or seen: the machine's first process is in another network namespace. */
function sharedFiles(sharesFiles: boolean | undefined): string {
  if (sharesFiles === true) return 'SHARED_FILES=1'
  return `SHARED_FILES=
if [ -e /proc/1/ns/net ] && ! [ /proc/1/ns/net -ef /proc/self/ns/net ]; then SHARED_FILES=1; fi`
}

/** The shell lines that set the variables every section may use. */
export function prelude(settings: CollectSettings): string {
  return [
    SEARCH_PATH,
    SCAN,
    namedFlanneld(settings.flanneldPid),
    FLANNELD_WORDS,
    DOCKERD_WORDS,
    dockerSocket(settings.dockerSocket),
    sharedFiles(settings.sharesFiles),
    FLAG_FUNCTION,
  ]
    .filter((part) => part !== '')
    .join('\n')
}
