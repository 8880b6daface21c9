/**
 * net-conf.json, which a flanneld of Kubernetes reads once at its start (flannel `main.go`, -net-config-path): in its own
 * root, since it runs in a pod; below k3s's agent where flannel runs inside k3s.
 */
import { MASK_JSON } from '../section/mask-json.ts'
import type { FactCollector } from '../section/section.ts'

/** flannel `main.go`, default of -net-config-path. */
const DEFAULT_PATH = '/etc/kube-flannel/net-conf.json'
/** k3s `pkg/agent/flannel/setup.go`. */
const OF_K3S = '/var/lib/rancher/k3s/agent/etc/flannel/net-conf.json'
/** flannel's own has a hundred bytes. */
const MOST_BYTES = 65_536

/** Only where flanneld is root's: a file that another user named is not read. */
const SCRIPT = `case $FLANNELD_WORDS in
  *argv=-kube-subnet-mgr*|*argv=--kube-subnet-mgr*|*env=FLANNELD_KUBE_SUBNET_MGR=[tT1]*) ;;
  *) FLANNELD_PIDS= ;;
esac
f=
if [ -n "$FLANNELD_PIDS" ] && [ -z "$FLANNELD_USER" ]; then
  flag net-config-path "$FLANNELD_WORDS"
  p=\${FLANNELD_PIDS# }
  path=\${FLAG:-${DEFAULT_PATH}}
  f=/proc/\${p%% *}/root$path
elif [ -z "$SHARED_FILES" ] && [ -f ${OF_K3S} ]; then
  path=${OF_K3S}
  f=$path
fi
[ -n "$f" ] || exit 0
[ -f "$f" ] || { echo "$path: no such file or directory" >&2; exit 1; }
printf 'path=%s\\n' "$path"
head -c ${MOST_BYTES} -- "$f" | ${MASK_JSON}`

export const netConf: FactCollector<'netConf'> = {
  fact: 'netConf',
  command: `cat ${DEFAULT_PATH}`,
  isRecent: true,
  script: () => SCRIPT,
  parse: ({ stdout }) => {
    const [, path, text = ''] = /^path=([^\n]*)\n(.*)$/s.exec(stdout) ?? []
    return { value: path === undefined ? {} : { file: { path, text: text.trim() } } }
  },
}
