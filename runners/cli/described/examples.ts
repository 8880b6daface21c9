/** What `--help` and the manual page show of the whole program. */
export const EXAMPLES = `  flannel-doctor check                                   this machine, as the running flanneld is configured
  flannel-doctor check --inventory hosts.yaml            every host of a network
  flannel-doctor check --etcd http://192.0.2.10:2379 --host local: --format json=report.json
  flannel-doctor trace h1/c1 h2/c2 --inventory hosts.yaml       where a ping between two containers is lost
  flannel-doctor collect --inventory hosts.yaml --save state    gather now, judge later
  flannel-doctor replay state
  flannel-doctor conformance --inventory hosts.yaml      does this network keep the contract of flannel
  flannel-doctor explain fdb/peer-vtep:missing
  flannel-doctor bench --inventory hosts.yaml            throughput and round trips, overlay beside underlay
  flannel-doctor lab up --hosts 3 --backend vxlan        three hosts with real flanneld to rehearse on`
