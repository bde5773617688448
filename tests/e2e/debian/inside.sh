#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs software that drops, switches or checks identity in a Debian root file system, runs it, and prints what it says as
# "NAME: RESULT" lines, which are the same wherever root is root. Runs as root in there, with free ports of the loopback device
# as SSH_PORT, HTTP_PORT and PG_PORT in its environment. What else is to be told goes to stderr.
#	inside.sh [PART...]
set -u
here=$(dirname "$0")
PACKAGES='postgresql openssh-server openssh-client nginx-light sudo cron dbus'
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HERE=$here
umask 022

# check NAME SCRIPT: prints NAME, what SCRIPT prints with its lines joined ("-": nothing), and its exit status where that is not 0
check() {
	local out status=0

	echo "== $1 ($SECONDS s)" >&2
	out=$(timeout -k 5 900 bash -c "$2" </dev/null) || status=$?
	out=${out//$'\r'/}
	out=${out//$'\n'/ | }
	[ "$status" = 0 ] || out="${out:+$out }(status $status)"
	echo "$1: ${out:--}"
}

# as USER SCRIPT: without a login, and without what it inherits
as() { su -s /bin/bash "$1" -c "$2"; }

# within SECONDS CMD...: until it succeeds
within() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# who PID...: whose processes they are
who() { stat -c %U "${@/#//proc/}"; }

# children PID
children() { cat "/proc/$1/task/$1/children"; }

# A daemon says that it is ready before it has become what it shall be.
# wait_who USER PIDFILE, wait_children USER PIDFILE: until the process, or two or more children of it and no others, are the user's
wait_who() { within 100 is_who "$@"; }
is_who() { [ -s "$2" ] && [ "$(who "$(cat "$2")" 2>/dev/null)" = "$1" ]; }
wait_children() { within 100 are_who "$@"; }
are_who() {
	local pids

	[ -s "$2" ] && read -ra pids < <(children "$(cat "$2")") && [ ${#pids[@]} -ge 2 ] && [ "$(who "${pids[@]}" | sort -u)" = "$1" ]
}
export -f as within who children wait_who is_who wait_children are_who

# shellcheck source=tests/e2e/debian/packages.bash
. "$here/packages.bash"
# shellcheck source=tests/e2e/debian/tools.bash
. "$here/tools.bash"
# shellcheck source=tests/e2e/debian/daemons.bash
. "$here/daemons.bash"

[ $# -gt 0 ] || set -- packages users cron_start postgres sshd nginx dbus su sudo passwd setpriv gosu files cron agree
for part; do
	"part_$part"
done
echo "end: $*"
