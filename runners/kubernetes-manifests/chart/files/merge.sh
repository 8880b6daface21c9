#!/bin/sh
# Once: waits for the bundles of all nodes, judges them as one network, and keeps the result as a ConfigMap.
set -eu
end=$(($(date +%s) + WAIT_SECONDS))
while :; do
  nodes=$(kubectl get daemonset flannel-doctor -o 'jsonpath={.status.desiredNumberScheduled}')
  run=$(kubectl get daemonset flannel-doctor -o 'jsonpath={.metadata.uid}')
  names=$(kubectl get configmaps -l "flannel-doctor=bundle,flannel-doctor-run=$run" -o name)
  have=$(printf '%s\n' "$names" | grep -c . || true)
  [ "$have" -lt "${nodes:-1}" ] || [ "$have" = 0 ] || break
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 2
done
echo "$have of ${nodes:-?} nodes have collected themselves"
mkdir -p "$RESULTS/bundles"
for name in $names; do
  kubectl get "$name" -o 'go-template={{index .binaryData "bundle.tgz"}}' | base64 -d >"$RESULTS/bundles/${name##*/}.tgz"
done
status=0
flannel-doctor replay "$RESULTS/bundles" --format text --format "text=$RESULTS/report.txt" \
  --format "junit=$RESULTS/junit.xml" || status=$?
[ "$have" -ge "${nodes:-1}" ] || [ "$status" != 0 ] || status=3
kubectl create configmap flannel-doctor-result --from-literal="exit-status=$status" \
  --from-file="$RESULTS/report.txt" --from-file="$RESULTS/junit.xml" --dry-run=client -o yaml |
  kubectl apply --server-side --force-conflicts -f - ||
  echo 'the result could not be kept as a ConfigMap: it is above'
exit "$status"
