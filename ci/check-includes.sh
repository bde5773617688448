#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Includes only go left, each header stands alone, and what is to be in one file only is there.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

rank() { # layer
	local i

	for i in "${!layers[@]}"; do
		[ "${layers[i]}" != "$1" ] || echo "$i"
	done
}

includes() { # layer: FILE:LINE:NAME of what is included with quotes
	grep -nE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' -r "src/$1" | sed -E 's/#[[:space:]]*include[[:space:]]+"([^"]*)".*/\1/; s/:[[:space:]]+/:/'
}

check "no folder of src has more than 16 modules" "$(for dir in src/*/; do
	n=$(for file in "$dir"*.[ch]; do echo "${file%.*}"; done | sort -u | wc -l)
	[ "$n" -le 16 ] || echo "$dir has $n"
done)"
check "every folder of src is a layer" "$(for dir in src/*/; do
	[ -n "$(rank "$(basename "$dir")")" ] || echo "$dir has no place in the order"
done)"

for layer in "${layers[@]}"; do
	wrong=
	while IFS=: read -r file line name; do
		to=$(rank "${name%%/*}")
		if [ "$name" = rootlesscontainers.pb.h ] && [ "$layer" = rule ]; then
			continue # generated, and a matter of the codec alone
		fi
		if [ -z "$to" ] || [ ! -e "src/$name" ]; then
			wrong+="$file:$line: $name is not in a layer"$'\n'
		elif [ "$to" -gt "$(rank "$layer")" ]; then
			wrong+="$file:$line: $name is to the right of $layer"$'\n'
		fi
	done < <(includes "$layer")
	check "src/$layer includes nothing to its right" "$wrong"
done

flags=(-Isrc "-I$BUILD/gen" -D_GNU_SOURCE -std=gnu11 -Wall -Wextra -Werror -fsyntax-only -x c)
wrong=
headers=0
for header in src/*/*.h; do
	headers=$((headers + 1))
	# twice: it guards itself
	printf '#include "%s"\n' "${header#src/}" "${header#src/}" | "$CC" "${flags[@]}" - >/dev/null 2>&1 ||
		wrong+="$header: $(printf '#include "%s"\n' "${header#src/}" | "$CC" "${flags[@]}" - 2>&1 | grep -m 1 error)"$'\n'
done
check "each of $headers headers compiles alone" "$wrong"

# code without comments, as FILE:LINE:TEXT
code() { # pattern, files
	local pattern=$1

	shift
	# shellcheck disable=SC2016
	awk '
		FNR == 1 { inside = 0 }
		{ line = $0 }
		inside { if (!sub(/^.*\*\//, "", line)) next; inside = 0 }
		{ while (match(line, /\/\*([^*]|\*+[^*\/])*\*+\//)) line = substr(line, 1, RSTART - 1) " " substr(line, RSTART + RLENGTH) }
		sub(/\/\*.*$/, "", line) { inside = 1 }
		{ print FILENAME ":" FNR ":" line }' "$@" | grep -E -- "^[^:]*:[0-9]*:.*$pattern"
}

but() { # files that are not the given ones
	local file

	for file in src/*/*.[ch]; do
		[[ " $* " == *" $file "* ]] || echo "$file"
	done
}

only() { # what, pattern, files
	local what=$1 pattern=$2 wrong

	shift 2
	# shellcheck disable=SC2046
	wrong=$(code "$pattern" $(but "$@"))
	[ -n "$(code "$pattern" "$@")" ] || wrong+="$* has none of it: is this check still right?"
	check "only $* $what" "$wrong"
}

only "uses the ioctls of a listener" 'SECCOMP_IOCTL' src/seccomp/notif.c
only "names /proc/TID" '"(/proc/)?%[0-9l]*[du]/' src/proc/task.c
only "reads and writes memory of others" 'process_(vm_(read|write)v|madvise)\(|/mem"' src/proc/task.c
# filter.c asks once, with a name of its own, whether tmpfs keeps xattrs at all
xattr='\b[lf]?(get|set|list|remove)xattr(at)?[[:space:]]*\('
# shellcheck disable=SC2046
check "only src/object/object.c, hidden_xattr.c and strip.c use xattrs" "$(code "$xattr" $(but src/object/object.c src/object/hidden_xattr.c src/object/strip.c) |
	grep -Ev '^src/seccomp/features\.c:[0-9]+:.*(SYS_getxattrat|fsetxattr).*"user\.subuidless"'
	[ -n "$(code "$xattr" src/object/object.c)" ] || echo 'src/object/object.c has none of it')"
check "handlers see no task's number, notification or address space" "$(code '(\b(t|p)id\b|notif|tmem_|SECCOMP)' src/handle/*.[ch])"
check "decoders see no descriptor" "$(code '\b(open|read|close|recv|recvmsg)\(|auto_fd' src/decode/*.[ch])"
finish
