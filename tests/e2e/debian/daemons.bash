# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016 # the scripts are expanded where they run
# Daemons: each is started as its package means it to be, serves users, and is asked whose its processes are

# sql USER ARGUMENT...: through the socket, by peer authentication
sql() {
	local user=$1

	shift
	as "$user" "cd /; psql -p $PG_PORT -Atq $(printf '%q ' "$@")" 2>&1
}
export -f sql

part_postgres() {
	local v

	v=$(ls /usr/lib/postgresql)
	export CLUSTER="$v checks" DATA=/var/lib/postgresql/$v/checks
	check postgres.main "pg_lsclusters -h | awk '{ print \$2, \$4, \$5, \$6 }' | sed s/$v/N/"
	check postgres.create 'pg_createcluster -p $PG_PORT $CLUSTER -- -A peer >&2'
	check postgres.owners 'stat -c "%U:%G %a" $DATA $DATA/.. /etc/postgresql/${CLUSTER/ //} /etc/postgresql/${CLUSTER/ //}/pg_*.conf | uniq -c | tr -s " "'
	check postgres.as-root '/usr/lib/postgresql/${CLUSTER% *}/bin/postgres -D $DATA 2>&1 | head -n 1'
	check postgres.start 'pg_ctlcluster $CLUSTER start >&2'
	check postgres.online 'pg_lsclusters -h | awk "/checks/ { print \$2, \$4, \$5 }"'
	check postgres.processes 'pid=$(head -n 1 $DATA/postmaster.pid); who $pid $(children $pid) | sort -u'
	check postgres.peer 'su postgres -c "psql -p $PG_PORT -Atc \"select current_user, session_user\""'
	check postgres.peer-root 'psql -p $PG_PORT -U postgres -Atc "select 1" 2>&1 | grep -o "FATAL.*"'
	check postgres.peer-other 'sql alice -U postgres -d postgres -c "select 1" | grep -o "FATAL.*"'
	check postgres.user 'as postgres "cd /; createuser -p $PG_PORT alice; createdb -p $PG_PORT -O alice stock"
		sql alice -d stock -c "create table t(n int); insert into t select generate_series(1, 1000); select current_user, sum(n) from t"'
	check postgres.sudo 'sudo -u postgres psql -p $PG_PORT -Atc "select current_user"; setpriv --reuid alice --regid alice --init-groups psql -p $PG_PORT -d stock -Atc "select current_user"'
	check postgres.copy 'sql postgres -c "copy (select 1) to program '\''id -un >/tmp/copied'\''"; cat /tmp/copied'
	check postgres.restart 'pg_ctlcluster $CLUSTER restart >&2; sql alice -d stock -c "select count(*) from t"'
	check postgres.by-itself 'as postgres "cd /; pg_ctlcluster --skip-systemctl-redirect $CLUSTER reload; pg_ctlcluster --skip-systemctl-redirect $CLUSTER status" | grep -o "server is running"'
	check postgres.by-another 'as alice "pg_ctlcluster $CLUSTER stop 2>&1" | grep -v "^$" | sed "s/[0-9][0-9]*/N/g"'
	check postgres.drop 'pg_dropcluster --stop $CLUSTER >&2; pg_lsclusters -h | grep -c checks; ls -d $DATA 2>/dev/null'
}

sshd_keys() {
	ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519
	printf '%s\n' 'Host alice bob carol' 'HostName 127.0.0.1' "Port $SSH_PORT" 'StrictHostKeyChecking accept-new' \
		'BatchMode yes' 'LogLevel ERROR' >/root/.ssh/config
	for user in alice bob carol; do
		install -d -o $user -g $user -m 700 /home/$user/.ssh
		install -o $user -g $user -m 600 /root/.ssh/id_ed25519.pub /home/$user/.ssh/authorized_keys
		printf '%s\n' "Host $user" "User $user" >>/root/.ssh/config
	done
}
export -f sshd_keys

part_sshd() {
	install -d -m 700 /root/.ssh
	mkdir -p /run/sshd
	check sshd.keys 'sshd_keys; ls /etc/ssh/ssh_host_*_key | xargs stat -c "%U:%G %a" | sort -u'
	check sshd.start '/usr/sbin/sshd -t && /usr/sbin/sshd -E /var/log/sshd.log -o ListenAddress=127.0.0.1 -p $SSH_PORT -o LogLevel=DEBUG >&2'
	check sshd.login 'within 100 ssh -n alice true; ssh -n alice id; ssh -n bob "id; pwd"'
	check sshd.root 'ssh -n -o User=root bob id 2>&1 | sed s/root@/ROOT@/'
	check sshd.process 'wait_who root /run/sshd.pid; ssh -n alice "stat -c %U:%G /proc/\$PPID /proc/\$\$"; who $(cat /run/sshd.pid)'
	check sshd.terminal 'ssh -n -tt alice "tty | sed s,/[0-9]*$,/N,; stat -c %U:%G\ %a \$(tty); id -un" 2>&1'
	check sshd.commands 'tar -C /etc -c passwd group | ssh alice "tar -t; id -un"; echo "pwd" | sftp -q -b - alice'
	check sshd.not-again 'ssh -n alice "setpriv --reuid 0 id" 2>&1'
	check sshd.from-user 'install -d -o carol -g carol /home/carol/.ssh; install -o carol -g carol -m 600 /root/.ssh/id_ed25519 /root/.ssh/config /home/carol/.ssh
		as carol "cd; HOME=/home/carol ssh -n -F /home/carol/.ssh/config alice id"'
	# StrictModes
	check sshd.foreign-keys 'chown bob /home/alice/.ssh/authorized_keys; ssh -n alice id 2>&1
		chown alice /home/alice/.ssh/authorized_keys; chown bob /home/alice; ssh -n alice id 2>&1; chown alice /home/alice; ssh -n alice id -un'
	check sshd.set-id 'ssh -n alice "sg team id; echo second | passwd 2>&1 | tail -n 1"'
	check sshd.many 'for i in $(seq 20); do ssh -n alice id -u & ssh -n bob id -u & [ $((i % 4)) != 0 ] || wait; done | sort | uniq -c | tr -s " "; wait'
}

# get PATH: of the web server
get() {
	exec 3<>"/dev/tcp/127.0.0.1/$HTTP_PORT" && printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3 && cat <&3
}
export -f get

part_nginx() {
	rm -f /etc/nginx/sites-enabled/*
	cat >/etc/nginx/sites-enabled/checks <<-CONF
		server { listen 127.0.0.1:$HTTP_PORT; root /srv/www; }
	CONF
	sed -i 's/^worker_processes.*/worker_processes 2;/' /etc/nginx/nginx.conf
	install -D -m 644 /etc/debian_version /srv/www/version
	check nginx.test 'nginx -t 2>&1 | grep -c -e "syntax is ok" -e successful'
	check nginx.start 'nginx >&2'
	check nginx.get 'within 100 get /version >/dev/null; get /version | tail -n 1 | cmp - /etc/debian_version && echo same'
	check nginx.workers 'wait_children www-data /run/nginx.pid; pid=$(cat /run/nginx.pid); who $pid $(children $pid)'
	check nginx.groups 'pid=$(cat /run/nginx.pid); for p in $(children $pid); do stat -c %U:%G /proc/$p; done | sort | uniq -c | tr -s " "'
	check nginx.directories 'stat -c "%n %U:%G %a" /var/lib/nginx/* /var/log/nginx | sort'
	check nginx.reload 'pid=$(cat /run/nginx.pid); old=$(children $pid); nginx -s reload
		for p in $old; do within 100 test ! -e /proc/$p; done; wait_children www-data /run/nginx.pid; who $(children $pid); get /version | tail -n 1 | cmp - /etc/debian_version && echo same'
	check nginx.by-user 'as alice "nginx -t 2>&1" | grep -c "the \"user\" directive makes sense only if the master process runs with super-user privileges"'
	check nginx.quit 'pid=$(cat /run/nginx.pid); nginx -s quit; within 100 test ! -e /proc/$pid && echo gone'
}

# Jobs that run when cron starts; part_cron looks at what they did
part_cron_start() {
	printf '@reboot id >/home/alice/from-cron; stat -c \\%%U:\\%%G -L /proc/self >>/home/alice/from-cron.2\n' >/root/crontab
	check cron.install 'crontab -u alice /root/crontab; crontab -u alice -l | cmp - /root/crontab; crontab -u bob /root/crontab
		chown carol /var/spool/cron/crontabs/bob; stat -c "%n %U %a" /var/spool/cron/crontabs /var/spool/cron/crontabs/alice'
	check cron.list 'as alice "crontab -l" | cmp - /root/crontab && echo same; as carol "crontab -l 2>&1; crontab -u alice -l 2>&1"'
	printf '@reboot bob id >/home/bob/from-cron\n@reboot root id >/root/from-cron\n' >/etc/cron.d/checks
	printf '@reboot root id >/root/from-cron.2\n' >/etc/cron.d/foreign
	chown bob /etc/cron.d/foreign
	check cron.start 'rm -f /run/crond.reboot; cron >&2 2>/dev/null; wait_who root /run/crond.pid; who $(cat /run/crond.pid)'
}

part_cron() {
	check cron.jobs 'for f in /home/alice/from-cron.2 /home/bob/from-cron /root/from-cron; do within 100 test -s $f; done
		cat /home/alice/from-cron /home/alice/from-cron.2 /home/bob/from-cron /root/from-cron'
	# their files belong to others: they had more than the time in which the others ran
	check cron.foreign 'ls /home/carol/from-cron /home/bob/from-cron.2 /root/from-cron.2 2>/dev/null | wc -l'
	check cron.stop 'pid=$(cat /run/crond.pid); kill $pid; within 100 test ! -e /proc/$pid && echo gone'
}

# external UID: what the bus answers to one who claims to have it
external() {
	perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => "/run/dbus/system_bus_socket") or die "connect: $!\n";
		syswrite($s, "\0AUTH EXTERNAL " . unpack("H*", $ARGV[0]) . "\r\n");
		sysread($s, my $line, 99);
		print $line =~ /^(\w+)/, "\n";' "$1"
}
# bus METHOD ARGUMENT...: calls it of the bus itself
bus() {
	local method=$1

	shift
	dbus-send --system --print-reply=literal --dest=org.freedesktop.DBus /org/freedesktop/DBus "org.freedesktop.DBus.$method" "$@" 2>&1
}
export -f external bus

dbus_policy() {
	cat >/etc/dbus-1/system.d/checks.conf <<-CONF
		<busconfig>
			<policy user="bob"><allow own="org.example.Bob"/></policy>
			<policy group="team"><allow own="org.example.Team"/></policy>
		</busconfig>
	CONF
	printf '%s\n' '[D-BUS Service]' Name=org.example.Act User=carol 'Exec=/bin/sh -c "id >/tmp/activated; exit 1"' \
		>/usr/share/dbus-1/system-services/org.example.Act.service
}

part_dbus() {
	dbus_policy
	mkdir -p /run/dbus
	check dbus.start 'rm -f /run/dbus/pid; dbus-uuidgen --ensure; dbus-daemon --system --fork >&2; within 100 test -S /run/dbus/system_bus_socket; wait_who messagebus /run/dbus/pid; who $(cat /run/dbus/pid)'
	check dbus.external 'external 0; external 1001; as alice "external 1001; external 0; external 1002"; runuser -u bob -- bash -c "external 1002"'
	check dbus.call 'bus ListNames | grep -o "org.freedesktop.DBus" | head -n 1; as alice "bus GetConnectionUnixUser string:org.freedesktop.DBus" | grep -o "uint32.*" | sed "s/$(id -u messagebus)/messagebus/"'
	check dbus.own-user 'for user in root alice bob; do as $user "bus RequestName string:org.example.Bob uint32:0" | grep -o -e "uint32.*" -e "Error.AccessDenied"; done'
	check dbus.own-group 'for user in root alice bob carol; do as $user "bus RequestName string:org.example.Team uint32:0" | grep -o -e "uint32.*" -e "Error.AccessDenied"; done'
	check dbus.helper 'stat -c "%U:%G %a" /usr/lib/dbus-1.0/dbus-daemon-launch-helper
		as alice "bus StartServiceByName string:org.example.Act uint32:0" >&2; within 100 test -s /tmp/activated; cat /tmp/activated'
	check dbus.stop 'pid=$(cat /run/dbus/pid); kill $pid; within 100 test ! -e /proc/$pid && echo gone'
}
