#!/bin/sh
# Answers as kubectl does, with the lists beside it, and writes down what it was asked.
here=$(dirname "$0")
echo "$@" >> "$here/asked.txt"
case "$1 $2" in
"api-resources --verbs=list") grep -v fluxcd.io "$here/resources.txt"; exit 0 ;;
esac
case "$1 $2" in
"api-resources --verbs=list") cat "$here/resources.txt" ;;
"get kustomizations"*) cat "$here/flux.json" ;;
"get deployments"*) cat "$here/workloads.json" ;;
"get pods") cat "$here/pods.json" ;;
"get events") cat "$here/events.json" ;;
"get configmaps"*) cat "$here/config.json" ;;
"get secrets") cat "$here/secrets.json" ;;
*) echo "error: unknown command \"$1\"" >&2; exit 1 ;;
esac
