#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A container of an engine that is served as a whole: its listener is the engine's, whose tasks have the host's root. The container gets no further for
# that, and does not stall the engine. What takes long.

bats_require_minimum_version 1.5.0
load attached

@test "paths that change while they are read lead to nothing of the host" {
	make_bundle "$T/bundle" "$T/rootfs"
	mkdir -p "$T/rootfs/tmp/a-directory-of-a-long-name"
	ln -s "$T/outside/victim" "$T/rootfs/tmp/absolute"
	ln -s "../../../../../../../..$T/outside" "$T/rootfs/tmp/up"
	own "$T/rootfs/tmp"
	attack "$T/bundle" c race-path /tmp/a-directory-of-a-long-name/file /tmp/absolute /tmp/up/victim "/../../..$T/outside/victim" \
		"//proc/self/root/../..$T/outside/victim" "/proc/thread-self/cwd/../../..$T/outside/victim"
	still_serves
}

@test "names that are exchanged lead to nothing of the host" {
	make_bundle "$T/bundle" "$T/rootfs"
	attack "$T/bundle" c race-name /tmp "$T/outside"
}

@test "20 tasks with paths in memory whose pages never come" { hang 20 read-chown die; }

@test "20 tasks whose root is a file system that lets nobody enter" { hang 20 root-stat answer; }

@test "more tasks that hang than can wait" {
	EXPECTED=no_thread
	hang 90 getxattr-stat die
}
