#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mount(2), fsconfig(2) and what belongs to them, with ids, and new terminals: what mounttest prints as real root and what it prints as an ordinary user
# under subuidless are the same; see tests/likeroot/mount.

load mount/mount

@test "options: subuidless run" { alike options 64 130 embedded; }
@test "targets: subuidless run" { alike targets 64 40 embedded; }
@test "other namespaces, roots and users: subuidless run" { alike elsewhere 64 30 embedded; }
@test "other namespaces, roots and users: a container" { alike elsewhere 64 30 contained; }
@test "fsconfig: subuidless run" { alike context 64 90 embedded; }
@test "fsconfig: a container with podman's profile" { alike context 64 90 merged; }
@test "terminals: subuidless run" { alike terminal 64 100 embedded; }
