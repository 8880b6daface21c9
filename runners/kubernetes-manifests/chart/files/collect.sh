#!/bin/sh
# On each node: collects and judges it, and keeps the bundle as a ConfigMap of this namespace.
set -eu
bundle=$RESULTS/$NODE_NAME.tgz
# 3: some of it could not be read, which the report says.
flannel-doctor collect --local --name "$NODE_NAME" --save "$bundle" || [ $? = 3 ]
flannel-doctor replay "$bundle" || echo "exit status $?"
# Of which DaemonSet it is: one that was here before has left its own.
run=$(kubectl get daemonset flannel-doctor -o 'jsonpath={.metadata.uid}')
kubectl create configmap "flannel-doctor-$NODE_NAME" --from-file="bundle.tgz=$bundle" --dry-run=client -o yaml |
  kubectl label --local -f - flannel-doctor=bundle "flannel-doctor-run=$run" -o yaml |
  kubectl apply --server-side --force-conflicts -f -
