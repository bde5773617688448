# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016 # the scripts are expanded where they run
# Users, and the tools that switch between them

part_users() {
	check users.add 'groupadd -g 2000 team
		useradd -m -u 1001 -s /bin/bash -G team alice
		useradd -m -u 1002 -s /bin/bash bob
		useradd -m -u 1003 -s /bin/bash carol
		printf "%s\n" alice:first-Word-1 bob:other-Word-2 carol:third-Word-3 | chpasswd'
	check users.homes 'stat -c "%n %U:%G %a" /home/* /home/alice/.profile'
	check users.files 'stat -c "%n %U:%G %a" /etc/passwd /etc/shadow /etc/group /etc/gshadow'
	check users.mod 'usermod -a -G users bob; gpasswd -a carol team; id bob; id carol'
}

part_su() {
	check su.id 'su alice -c id'
	check su.login 'su - alice -c "id; pwd; echo \$HOME \$USER"'
	check su.shell 'su -s /bin/sh nobody -c id'
	check su.group 'su -g team -G users alice -c id'
	check su.process 'su alice -c "sleep 60 & stat -L -c %U:%G /proc/self /proc/\$!; kill \$!"'
	check su.not-again 'as alice "perl -e '\''\$> = 0; print \"\$< \$> \", \$!+0, \"\n\"; \$) = 0; print \$!+0'\''"'
	check su.by-user 'as alice "echo other-Word-2 | su bob -c id"'
	check su.by-user-root 'as alice "echo nothing | su -c id 2>/dev/null"'
	check su.wrong 'as alice "echo wrong | su bob -c id 2>&1"'
	check su.runuser 'runuser -u alice -- id; runuser -l bob -c id; as alice "runuser -u bob id 2>&1"'
	check su.newgrp 'as alice "echo id -gn | newgrp team"'
	check su.sg 'as alice "sg team -c id"'
	check su.daemon 'start-stop-daemon --start --chuid alice:team --background --pidfile /run/d --make-pidfile --exec /bin/sleep -- 77
		within 100 test -s /run/d; within 100 grep -q sleep /proc/$(cat /run/d)/comm; stat -c %U:%G /proc/$(cat /run/d)
		start-stop-daemon --stop --oknodo --retry 9 --user bob --name sleep >&2; stat -c %U:%G /proc/$(cat /run/d)
		start-stop-daemon --stop --retry 9 --user alice --name sleep >&2; within 100 test ! -e /proc/$(cat /run/d) && echo gone'
}

part_sudo() {
	printf '%s\n' 'alice ALL=(ALL:ALL) NOPASSWD: ALL' 'carol ALL=(bob) ALL' >/etc/sudoers.d/checks
	chmod 440 /etc/sudoers.d/checks
	check sudo.nobody 'sudo -u nobody id'
	check sudo.by-user 'as alice "sudo -n id; sudo -n -u bob id; sudo -n -u bob -g team id; sudo -n -u \#1002 id"'
	check sudo.env 'as alice "sudo -n -u bob sh -c '\''echo \$SUDO_UID \$SUDO_GID \$SUDO_USER \$USER'\''"'
	check sudo.process 'as alice "sudo -n -u bob stat -L -c %U:%G /proc/self; sudo -n stat -L -c %U:%G /proc/self"'
	check sudo.list 'as alice "sudo -n -l | tail -n 1"'
	check sudo.refused 'as bob "sudo -n id 2>&1"'
	check sudo.password 'as carol "echo third-Word-3 | sudo -S -p \"\" -u bob id 2>/dev/null"'
	check sudo.wrong-target 'as carol "echo third-Word-3 | sudo -S -p \"\" id 2>&1" | grep -o "not allowed to execute"'
	check sudo.chain 'as alice "sudo -n su bob -c \"sg users id\""'
	# its file must be root's
	check sudo.owner 'chown bob /etc/sudoers.d/checks; as alice "sudo -n id 2>&1" | grep -o "owned by uid 1002"
		chown 0 /etc/sudoers.d/checks; as alice "sudo -n id -u"'
}

part_passwd() {
	check passwd.by-user 'as bob "printf \"%s\n\" other-Word-2 second-Word-4 second-Word-4 | passwd 2>/dev/null"'
	check passwd.changed 'as alice "echo second-Word-4 | su bob -c \"id -un\" 2>/dev/null; echo other-Word-2 | su bob -c \"id -un\" 2>&1"'
	check passwd.wrong 'as bob "printf \"%s\n\" wrong another-Word-5 another-Word-5 | passwd 2>&1" | tail -n 2'
	check passwd.other 'as bob "passwd alice 2>&1"'
	check passwd.status 'as bob "passwd -S" | cut -d " " -f 1,2'
	check passwd.root 'printf "%s\n" third-Word-6 third-Word-6 | passwd carol 2>/dev/null; as bob "echo third-Word-6 | su carol -c \"id -un\" 2>/dev/null"'
	check passwd.shadow 'stat -c "%n %U:%G %a" /etc/shadow; chage -l bob | wc -l; as bob "chage -l bob | wc -l; chage -l alice 2>&1"'
	check passwd.chfn 'as bob "echo second-Word-4 | chfn -r 5 2>/dev/null"; getent passwd bob; stat -c "%n %U:%G %a" /etc/passwd'
	check passwd.expiry 'as bob "expiry -c"; echo $?'
}

part_setpriv() {
	check setpriv.ids 'setpriv --reuid 1001 --regid 1001 --init-groups id'
	check setpriv.clear 'setpriv --reuid 1234 --regid 4321 --clear-groups id'
	check setpriv.groups 'setpriv --reuid 1234 --regid 4321 --groups 5,6,7 id'
	check setpriv.halves 'setpriv --ruid 1001 --rgid 2000 --keep-groups id; setpriv --euid 1001 --egid 2000 --keep-groups id'
	check setpriv.root 'setpriv --dump'
	check setpriv.dump 'setpriv --reuid alice --regid alice --init-groups setpriv --dump'
	check setpriv.kept 'setpriv --reuid alice --regid alice --clear-groups --inh-caps=-all,+chown,+setuid --ambient-caps=-all,+chown,+setuid setpriv --dump'
	check setpriv.no-new-privs 'setpriv --reuid alice --regid alice --init-groups --no-new-privs sh -c "id; sudo -n id 2>&1 | head -n 1; sg team id 2>&1"'
	check setpriv.securebits 'setpriv --securebits +noroot,+noroot_locked setpriv --dump'
	check setpriv.bounding 'setpriv --bounding-set=-all,+setuid,+setgid setpriv --dump'
	check setpriv.not-again 'as alice "setpriv --reuid 0 id 2>&1; setpriv --regid 0 --clear-groups id 2>&1; setpriv --reuid 1002 id 2>&1"'
	check setpriv.chroot 'chroot --userspec=alice:team --groups=users / id; chroot --userspec=bob / id'
}

part_gosu() {
	for who in alice bob:team nobody root 'alice:team'; do
		check "gosu.$who" "/usr/local/bin/gosu $who id 2>/dev/null; /usr/local/bin/gosu $who true 2>&1 | sort | uniq -c | tr -s ' '"
	done
	check gosu.by-user 'as alice "/usr/local/bin/gosu bob id 2>&1" | grep -v thread'
	check gosu.process '/usr/local/bin/gosu alice stat -L -c %U:%G /proc/self 2>/dev/null'
}

# who may change owners and modes; whose new files are is no part of it
part_files() {
	install -d -m 755 /srv/files
	install -o alice -g alice -m 644 /dev/null /srv/files/mine
	install -o bob -g bob -m 644 /dev/null /srv/files/theirs
	check files.chown-own 'as alice "chown bob /srv/files/mine 2>&1"'
	check files.chown-theirs 'as alice "chown alice /srv/files/theirs 2>&1"'
	check files.chgrp 'as alice "chgrp team /srv/files/mine && chgrp users /srv/files/mine 2>&1"; stat -c %U:%G /srv/files/mine'
	check files.chmod 'as alice "chmod 600 /srv/files/mine && chmod 600 /srv/files/theirs 2>&1"; stat -c "%a %U" /srv/files/*'
	check files.find 'find /srv/files -user alice -o -group bob | sort'
	check files.test 'as alice "test -O /srv/files/mine && echo mine; test -O /srv/files/theirs || echo theirs; test -G /srv/files/mine || echo team"'
	check files.chown-root 'chown alice: /srv/files/theirs; chown -R bob:users /srv/files; stat -c "%n %U:%G" /srv/files /srv/files/*'
}

# one and the same, in whatever way
part_agree() {
	check agree.alice '{
		su alice -c id; su - alice -c id; sudo -u alice id; runuser -u alice id; /usr/local/bin/gosu alice id 2>/dev/null
		setpriv --reuid alice --regid alice --init-groups id; ssh -n alice id
		as bob "exec setpriv id" >/dev/null; sudo -u alice perl -e "print qx(id)"; cat /home/alice/from-cron
	} | sort | uniq -c | tr -s " "'
	check agree.numbers 'as alice "id -u; id -ru; id -g; id -rg; id -G; perl -e '\''print \"\$< \$> \$( \$)\"'\''"'
	check agree.names 'as alice "whoami; groups; logname 2>/dev/null; echo \$UID \$EUID; umask"'
}
