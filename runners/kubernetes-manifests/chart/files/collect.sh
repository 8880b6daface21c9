#!/bin/sh
# On each node: collects and judges it, and keeps the bundle as a ConfigMap of this namespace.
set -eu
bundle=$RESULTS/$NODE_NAME.tgz
flannel-doctor collect --local --name "$NODE_NAME" --save "$bundle"
flannel-doctor replay "$bundle" || echo "exit status $?"
kubectl create configmap "flannel-doctor-$NODE_NAME" --from-file="bundle.tgz=$bundle" --dry-run=client -o yaml |
  kubectl label --local -f - flannel-doctor=bundle -o yaml |
  kubectl apply --server-side --force-conflicts -f -
