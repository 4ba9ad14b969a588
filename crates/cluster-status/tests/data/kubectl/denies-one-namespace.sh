#!/bin/sh
# Answers as kubectl does, with the lists beside it, and writes down what it was asked.
here=$(dirname "$0")
echo "$@" >> "$here/asked.txt"
# Nobody may list pods in all namespaces, nor those of `backend`.
case "$*" in
"get pods --all-namespaces "*)
  echo '{"apiVersion":"v1","items":[],"kind":"List","metadata":{"resourceVersion":""}}'
  echo 'Error from server (Forbidden): pods is forbidden: User "dev" cannot list resource "pods" in API group "" at the cluster scope' >&2
  exit 1 ;;
"get pods --namespace=backend "*)
  echo 'Error from server (Forbidden): pods is forbidden: User "dev" cannot list resource "pods" in API group "" in the namespace "backend"' >&2
  exit 1 ;;
"get pods --namespace="*)
  echo '{"apiVersion":"v1","items":[],"kind":"List","metadata":{"resourceVersion":""}}'
  exit 0 ;;
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
