#!/bin/sh
# Answers as kubectl does, with the lists beside it, and writes down what it was asked.
here=$(dirname "$0")
echo "$@" >> "$here/asked.txt"
# What kubectl complains of can hold a credential, and characters that a terminal acts on.
case "$1 $2" in
"get pods")
  printf 'error: proxy https://bot:PLANTED-SECRET-MARKER@proxy.example.com refused \033[2J\n' >&2
  exit 1 ;;
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
