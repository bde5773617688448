#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The pure layers, which see what containers send, cannot act: their objects need nothing but memory, strings, nanopb and
# each other, and hold no system call of their own.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

pure=(decode rule reply)
libc='^(mem(chr|rchr|cmp|cpy|pcpy|move|set|mem)|str(n?len|n?cmp|n?cpy|chr|rchr|c?spn|pbrk|str)|__(mem|str)[a-z]+_chk)$'
others='^(pb_[a-z0-9_]+|rootlesscontainers_Resource_msg|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|tmem_read_some)$'

undefined() { # object
	nm -u "$1" | awk '{ print $NF }'
}

# what does not belong into a pure object; names of other objects that are fine, one a line
foreign() { # object, names
	undefined "$1" | grep -Ev "$libc" | grep -Ev "$others" | grep -vxF -- "$2"
}

defined() { # objects
	[ $# -eq 0 ] || nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }'
}

instructions() { # object: what enters the kernel
	objdump -d --no-show-raw-insn "$1" | grep -E '\b(syscall|sysenter|int +\$0x80|svc)\b'
}

# of the base layer only what is pure itself
left=$(for object in "$BUILD"/obj/src/base/*.o; do
	[ -n "$(foreign "$object" '')$(instructions "$object")" ] || defined "$object"
done)

for layer in "${pure[@]}"; do
	sources=(src/"$layer"/*.c)
	objects=("${sources[@]/#/$BUILD/obj/}")
	objects=("${objects[@]/%.c/.o}")
	wrong=
	left+=$'\n'$(defined "${objects[@]}" 2>&1)
	for i in "${!objects[@]}"; do
		if [ "${objects[i]}" -ot "${sources[i]}" ]; then
			wrong+="${objects[i]} is missing or older than its source: run make"$'\n'
			continue
		fi
		wrong+=$(foreign "${objects[i]}" "$left" | sed "s|^|${sources[i]} needs |")
		wrong+=$(instructions "${objects[i]}" | sed "s|^|${sources[i]} calls the kernel: |")
	done
	check "src/$layer is pure, $(printf '%s\n' "${#objects[@]}") objects" "$wrong"
done

# the check itself: an edge does not pass as pure
edge=$(foreign "$BUILD/obj/src/proc/task.o" "$left" 2>&1)
check "an object of src/proc would be told from these" "$(grep -qx process_vm_readv <<<"$edge" || echo "found only: $edge")"
finish
