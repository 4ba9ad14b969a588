#!/bin/sh
# Answers as kubectl does, with the lists beside it, and writes down what it was asked.
here=$(dirname "$0")
echo "$@" >> "$here/asked.txt"
echo 'E1120 10:00:00.000000   12 memcache.go:265] "Unhandled Error" err="couldn'"'"'t get current server API group list: Get \"https://127.0.0.1:1/api?timeout=30s\": dial tcp 127.0.0.1:1: connect: connection refused"' >&2
echo 'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?' >&2
exit 1
