#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What diff.bats runs is able to see bugs: see tests/likeroot/diff/plant.

load ../lib

DIFF=$TESTS/likeroot/diff

# neither a daemon nor a directory: tests/likeroot/diff/plant makes its own
setup() { :; }
teardown() { :; }

sees() {
	need_root "make the native transcript"
	run "$DIFF/plant" "$1"
	echo "$output"
	[ "$status" = 0 ]
}

@test "a bug is seen: decode-narrow-id" { sees decode-narrow-id; }
@test "a bug is seen: handle-chown-merge" { sees handle-chown-merge; }
@test "a bug is seen: handle-chown-permission" { sees handle-chown-permission; }
@test "a bug is seen: handle-chown-setid" { sees handle-chown-setid; }
@test "a bug is seen: handle-chown-sgid" { sees handle-chown-sgid; }
@test "a bug is seen: handle-hint" { sees handle-hint; }
@test "a bug is seen: handle-stat-group" { sees handle-stat-group; }
@test "a bug is seen: handle-stat-mask" { sees handle-stat-mask; }
@test "a bug is seen: handle-xattr-list" { sees handle-xattr-list; }
@test "a bug is seen: handle-xattr-get" { sees handle-xattr-get; }
@test "a bug is seen: handle-xattr-admin" { sees handle-xattr-admin; }
@test "a bug is seen: handle-acl-group" { sees handle-acl-group; }
@test "a bug is seen: kernel-kept-list" { sees kernel-kept-list; }
@test "a bug is seen: kernel-create-acl" { sees kernel-create-acl; }
@test "a bug is seen: kernel-enter-capabilities" { sees kernel-enter-capabilities; }
@test "a bug is seen: kernel-enter-root" { sees kernel-enter-root; }
@test "a bug is seen: kernel-glance-device" { sees kernel-glance-device; }
@test "a bug is seen: kernel-glance-root" { sees kernel-glance-root; }
@test "a bug is seen: kernel-inode-chown" { sees kernel-inode-chown; }
@test "a bug is seen: kernel-inode-deny" { sees kernel-inode-deny; }
@test "a bug is seen: kernel-inode-device" { sees kernel-inode-device; }
@test "a bug is seen: kernel-inode-follow" { sees kernel-inode-follow; }
@test "a bug is seen: kernel-nodes-number" { sees kernel-nodes-number; }
@test "a bug is seen: kernel-resolve-empty" { sees kernel-resolve-empty; }
@test "a bug is seen: kernel-resolve-nofollow" { sees kernel-resolve-nofollow; }
@test "a bug is seen: kernel-resolve-root" { sees kernel-resolve-root; }
@test "a bug is seen: kernel-special-find" { sees kernel-special-find; }
@test "a bug is seen: kernel-task-nested" { sees kernel-task-nested; }
@test "a bug is seen: kernel-task-o-path" { sees kernel-task-o-path; }
@test "a bug is seen: kernel-walk-magic" { sees kernel-walk-magic; }
@test "a bug is seen: reply-statabi-overflow" { sees reply-statabi-overflow; }
@test "a bug is seen: reply-statabi-time" { sees reply-statabi-time; }
@test "a bug is seen: rule-device-mode" { sees rule-device-mode; }
@test "a bug is seen: rule-owner-half" { sees rule-owner-half; }
@test "a bug is seen: handle-setids-table" { sees handle-setids-table; }
@test "a bug is seen: handle-getids-narrow" { sees handle-getids-narrow; }
@test "a bug is seen: handle-capability-own" { sees handle-capability-own; }
@test "a bug is seen: handle-change-result" { sees handle-change-result; }
@test "a bug is seen: handle-create-mknod" { sees handle-create-mknod; }
@test "a bug is seen: handle-exec-traced" { sees handle-exec-traced; }
@test "a bug is seen: handle-limit-others" { sees handle-limit-others; }
@test "a bug is seen: handle-peer-effective" { sees handle-peer-effective; }
@test "a bug is seen: handle-chmod-first" { sees handle-chmod-first; }
@test "a bug is seen: handle-chmod-group" { sees handle-chmod-group; }
@test "a bug is seen: kernel-credentials-again" { sees kernel-credentials-again; }
@test "a bug is seen: kernel-credentials-repeats" { sees kernel-credentials-repeats; }
@test "a bug is seen: rule-cred-ambient" { sees rule-cred-ambient; }
@test "a bug is seen: rule-cred-saved" { sees rule-cred-saved; }
@test "a bug is seen: handle-create-group" { sees handle-create-group; }
@test "a bug is seen: kernel-create-link" { sees kernel-create-link; }
@test "a bug is seen: kernel-create-mask" { sees kernel-create-mask; }
@test "a bug is seen: kernel-creation-bind" { sees kernel-creation-bind; }
@test "a bug is seen: kernel-creation-undo" { sees kernel-creation-undo; }
@test "a bug is seen: rule-newfile-group" { sees rule-newfile-group; }

@test "every planted bug has its test, and every handler its bug" {
	for plant in "$DIFF"/plants/*.sed; do
		grep -q "{ sees $(basename "$plant" .sed); }" "$BATS_TEST_FILENAME" || fail "$plant has no test"
	done
	for handler in "$REPO"/src/handle/*.c; do
		grep -qs "^# src/handle/${handler##*/}\$" "$TESTS"/likeroot/*/plants/*.sed || fail "$handler has no bug"
	done
}
