#!/bin/sh
# Answers as kubectl does, with the lists beside it, and writes down what it was asked.
here=$(dirname "$0")
echo "$@" >> "$here/asked.txt"
sleep 600 & wait
