# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016 # the scripts are expanded where they run
# apt with its sandbox, dpkg with its triggers and maintainer scripts

# the http method drops its rights before it says anything else about a request, and checks that it cannot have them again
apt_method() {
	coproc METHOD { exec /usr/lib/apt/methods/http; }
	printf '601 Configuration\nConfig-Item: APT::Sandbox::User=_apt\n\n' >&"${METHOD[1]}"
	within 100 apt_dropped "$METHOD_PID"
	who "$METHOD_PID"
	kill "$METHOD_PID"
}
apt_dropped() { [ "$(who "$1")" = _apt ]; }
export -f apt_method apt_dropped

part_packages() {
	check apt.sandbox 'apt-config dump APT::Sandbox::User'
	check apt.method 'apt_method'
	check apt.update 'apt-get -q update >&2'
	check apt.update-lists 'ls /var/lib/apt/lists/*_InRelease | wc -l | grep -c "[1-9]"; stat -c "%n %U:%G %a" /var/lib/apt/lists/partial'
	check apt.update-warnings 'apt-get -q update 2>&1 | grep -c "^[WE]:"; true'
	check apt.install "apt-get -q -y --no-install-recommends install $PACKAGES >&2"
	check apt.check 'apt-get -q check >&2; dpkg --audit'
	check apt.installed "dpkg-query -W -f '\${Package} \${db:Status-Status}\n' $PACKAGES"
	check apt.verify 'dpkg --verify | grep -v -e " /etc/" -e /usr/share/doc -e /usr/share/man -e /usr/share/locale; true'
	check apt.partial 'stat -c "%n %U:%G %a" /var/cache/apt/archives/partial'
	check apt.users 'getent passwd postgres messagebus sshd www-data | cut -d: -f1,6,7'
	# what has set-id bits is owned by others than root:root as well
	check apt.setid 'find / -xdev -perm /6000 ! -type d -printf "%p %u:%g %m\n" | sort'
	# not what was made with the ids of a user
	check apt.owners 'find /etc /var /usr -xdev "(" ! -user root -o ! -group root ")" ! -type l ! -path "/var/lib/postgresql/*/main/*" \
		! -name postgresql.conf ! -path "/var/log/*" -printf "%p %u:%g %m\n" | sort'
}
