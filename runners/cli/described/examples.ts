/** What `--help` and the manual page show of the whole program. */
export const EXAMPLES = `  flannel-doctor check --probe                             this machine, as its running flanneld is configured
  flannel-doctor check --inventory hosts.yaml              every host of a network
  flannel-doctor trace h1/c1 h2/c2 --inventory hosts.yaml  where the ping between two containers is lost
  flannel-doctor check --etcd http://192.0.2.10:2379 --host local: --format json=report.json
  flannel-doctor collect --inventory hosts.yaml --save state.tgz
  flannel-doctor replay state.tgz                          judge it later, elsewhere, offline
  flannel-doctor explain fdb/peer-vtep:missing             what a code means and how to see it by hand
  flannel-doctor conformance --inventory hosts.yaml --read-only
  flannel-doctor bench --inventory hosts.yaml
  flannel-doctor lab up                                    three hosts with real flanneld to rehearse on`
