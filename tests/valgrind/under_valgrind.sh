#!/bin/sh
# under_valgrind.sh - stands in for the program of a suite (MAITRED): gateways run under memcheck, the rest as they are.
# SANDBOX is off: valgrind makes calls of its own.
case $1 in
serve | work) ;;
*) exec "$VALGRIND_PROGRAM" "$@" ;;
esac
exec env SANDBOX=off valgrind --quiet --log-file="$VALGRIND_LOGS/%p" --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
	--show-leak-kinds=definite --num-callers=30 --suppressions="$(dirname "$0")/valgrind.supp" "$VALGRIND_PROGRAM" "$@"
