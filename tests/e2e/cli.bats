# SPDX-License-Identifier: Apache-2.0
# The command line: words and options that are wrong, and help.

load ../lib.bash

# cli STATUS ARGUMENT...: its output, of both kinds; nothing is left in the directory
cli() {
	local wanted=$1

	shift
	run as_user env -C "$T/home" timeout -k 5 10 "$T/subuidless" "$@"
	[ "$status" = "$wanted" ] || fail "exit status $status, not $wanted: $output"
	same '' "$(ls -A "$T/home")"
}

says() { # TEXT...: each is in the output
	local text

	for text; do
		[[ "$output" = *"$text"* ]] || fail "not said: $text"$'\n'"$output"
	done
}

@test "a word that is no command is an error with the list of commands, and no socket is made" {
	for word in profle Run s.sock . '' helps; do
		cli 2 "$word"
		says "there is no command '$word'" 'The commands are: daemon profile run podman buildah skopeo attach shim strip help' "a path with a '/'" "Try 'subuidless --help'"
		cli 2 "$word" --listener /s
		says "there is no command '$word'"
	done
	cli 2 --trace profle
	says "there is no command 'profle'"
	cli 2 daemon s.sock
	says "there is no command 's.sock'" './s.sock'
	cli 2 --trace run true
	says "'run' has to be the first argument"
}

@test "a socket is a path with a /" {
	for path in ./s.sock sub/s.sock; do
		mkdir -p "$T/home/sub"
		own "$T/home/sub"
		SOCKET=$T/home/$path
		"${AS_USER[@]}" env -C "$T/home" "$T/subuidless" ${option-} "$path" </dev/null >"$T/daemon.out" 2>"$T/daemon.log" 3>&- &
		DAEMON_PID=$!
		within 10 daemon_said "listening on $path"
		[ -S "$T/home/$path" ]
		stop_daemon
		option=daemon
	done
}

@test "help, of all commands and of each" {
	for word in --help -h help 'help --help' 'help -h'; do
		# shellcheck disable=SC2086 # words
		cli 0 $word
		says 'usage: subuidless [daemon]' 'subuidless profile' 'subuidless run' 'subuidless strip' 'See subuidless(1)'
	done
	for command in daemon profile run strip; do
		cli 0 "$command" --help
		help=$output
		[[ "$output" = "usage: subuidless "*"$command"* ]] || fail "$output"
		for request in "$command -h" "help $command" "$command --hel"; do
			# shellcheck disable=SC2086 # words
			cli 0 $request
			same "$help" "$output"
		done
	done
	cli 2 help profle
	says "there is no command 'profle'"
	cli 2 help run strip
	says 'help takes one command'
	# what stands behind the command is the command's
	run as_user timeout -k 5 20 "$T/subuidless" run sh -c 'echo "$@"' sh --help
	same --help "$output"
}

@test "help of a command names the options that it has, and no others" {
	for command in daemon profile run strip; do
		cli 0 "$command" --help
		mapfile -t options < <(grep -oE '^  (-h, )?--[a-z-]+' <<<"$output" | grep -oE -- '--[a-z-]+')
		[ "${#options[@]}" -ge 3 ]
		for option in "${options[@]}"; do
			[ "$option" != --help ] || continue
			# what it is called with, if it takes a value, or what comes behind it, is wrong
			run as_user env -C "$T/home" timeout -k 5 10 "$T/subuidless" "$command" "$option" --nonsense
			[[ "$output" != *"unrecognized option '$option'"* ]] || fail "$command: $output"
		done
		for option in --listener --dry-run --root --log-level --merge; do
			[[ " ${options[*]} " != *" $option "* ]] || continue
			run as_user env -C "$T/home" timeout -k 5 10 "$T/subuidless" "$command" "$option"
			[[ "$output" = *"unrecognized option '$option'"*"Try 'subuidless $command --help'"* ]] || fail "$command: $output"
		done
	done
}

@test "wrong options and arguments" {
	cli 2 --nonsense
	says "unrecognized option '--nonsense'" "Try 'subuidless daemon --help'"
	cli 2 -x
	cli 2 --log-level
	says "requires an argument"
	cli 2 --log-level loud
	says "no log level is called 'loud'"
	cli 2 --threads 65
	says "--threads takes a number from 1 to 64"
	cli 2 ./a ./b
	says "the daemon has one socket, not './b' too"
	cli 2 profile --listener
	says "requires an argument" "Try 'subuidless profile --help'"
	cli 2 profile --listener s.sock
	says "an absolute path"
	cli 2 profile /run/s.sock
	says "not '/run/s.sock'"
	cli 2 profile --runtime podman
	says "crun or runc"
	cli 2 profile --runtime runc
	says "give --listener SOCKET"
	cli 2 profile --user root
	cli 2 strip
	says 'strip needs a directory' "Try 'subuidless strip --help'"
	cli 2 strip --nonsense .
	cli 125 run
	says 'run needs a command' "Try 'subuidless run --help'"
	cli 125 run --nonsense true
	cli 125 run --root
}

@test "version and lists" {
	cli 0 --version
	[[ "$output" =~ ^subuidless\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	cli 0 --list-syscalls
	says $'chown\tchange owner\talways'
	cli 0 --list-reasons
	# what cannot be printed is a failure
	for words in --help --version --list-syscalls 'profile --listener /s' 'run --help' 'strip --help' help; do
		# shellcheck disable=SC2086 # words
		run sh -c '"$@" >/dev/full' sh "$T/subuidless" $words
		[ "$status" = 1 ] || fail "$words: $status"
	done
}

@test "profile: without --listener there is no listenerPath" {
	cli 0 profile
	same false "$(jq 'has("listenerPath")' <<<"$output")"
	if kernel_is 5.19; then
		same '["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]' "$(jq -c .flags <<<"$output")"
	else
		# which such a kernel refuses
		same false "$(jq 'has("flags")' <<<"$output")"
	fi
	cli 0 profile --runtime runc --listener '/a "b\'
	same '/a "b\' "$(jq -r .listenerPath <<<"$output")"
	same false "$(jq 'has("flags")' <<<"$output")"
	cli 0 profile --listener "/$(printf 'a\001\nb')" --user 999:998
	same '"/a\u0001\nb" "user=999:998"' "$(jq -c '.listenerPath, .listenerMetadata' <<<"$output" | xargs -d '\n')"
}

# merge TEXT: with it as FILE
merge() {
	printf '%s' "$1" >"$T/engine.json"
	cli "$2" profile --merge "$T/engine.json"
}

@test "profile --merge: what is wrong with a file, where, and what to do" {
	cli 1 profile --merge "$T/none"
	says "cannot read $T/none" '/usr/share/containers/seccomp.json' 'No such file'
	cli 1 profile --merge "$T"
	says "cannot read $T" 'Is a directory'
	merge '' 1
	says "$T/engine.json:1: the JSON object does not end"
	merge $'{\n"defaultAction": "SCMP_ACT_ERRNO",\n}' 1
	says "$T/engine.json:3: this is not JSON"
	merge '[]' 1
	merge '{}x' 1
	says 'remove it'
	merge '{"syscalls": []}' 1
	says 'no seccomp profile'
	merge '{"linux": {"seccomp": {"defaultAction": "SCMP_ACT_ALLOW"}}}' 1
	says 'no seccomp profile'
	merge $'{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n{"names": ["chown"]}]}' 1
	says ':2: this rule has no action'
	merge $'{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["chown"],\n"action": "SCMP_ACT_PERMIT"}]}' 1
	says ':2: this is no action'
	merge '{"defaultAction": "SCMP_ACT_ERRNO", "Syscalls": []}' 1
	says 'ambiguous'
	merge '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chown"], "action": "SCMP_ACT_NOTIFY"}]}' 1
	says 'another receiver' 'the engine came with'
	merge '{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/x"}' 1
	says 'another receiver'
	merge '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chown"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1}]}]}' 1
	says 'take it out'
	merge "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"a\": $(printf '[%.0s' {1..70})" 1
	says 'nested too deeply'
	merge "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"a\": \"$(printf '%01048576d' 0)\"}" 1
	says 'too large'
	merge "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"a\": [0$(printf ',0%.0s' {1..40000})]}" 1
	says 'more than 32768'
	long=$(printf '%0600000d' 0)
	merge "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"chown\", \"open\", \"openat\", \"clone\", \"io_uring_setup\", \"x\"], \
		\"comment\": \"$long\", \"action\": \"SCMP_ACT_ALLOW\"}]}" 1
	says 'too large'
	# the merged profile of one is another receiver's
	cli 0 profile --listener /x
	merge "$output" 1
	says 'another receiver'
}
