#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What README.md and subuidless(1) say is what the program says. With --write: puts its tables into README.md.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

readme=${README:-README.md}
manual=${MANUAL:-src/cli/subuidless.1}

table() { # title of each column; lines with tabs come in
	printf '| %s ' "$@"
	printf '|\n'
	printf -- '|---%.0s' "$@"
	printf '|\n'
	sed 's/|/\\|/g; s/\t/ | /g; s/^/| /; s/$/ |/'
}

generated() { # syscalls or reasons
	case $1 in
	syscalls) "./$BIN" --list-syscalls | table call what trapped ;;
	reasons) "./$BIN" --list-reasons | table reason expected kind text ;;
	esac
}

# what stands between the markers, each alone on its line
present() { # name
	awk -v start="<!-- $1 -->" -v end="<!-- /$1 -->" '$0 == end { inside = 0 } inside; $0 == start { inside = 1 }' "$readme"
}

markers() { # name: are there two of them, in order?
	[ "$(grep -nxE "<!-- /?$1 -->" "$readme" 2>/dev/null | sed 's/^[0-9]*://' | tr '\n' ' ')" = "<!-- $1 --> <!-- /$1 --> " ]
}

write() { # name
	awk -v start="<!-- $1 -->" -v end="<!-- /$1 -->" -v new="$2" '
		$0 == start { print; while ((getline line <new) > 0) print line; inside = 1; next }
		$0 == end { inside = 0 }
		!inside' "$readme" >"$2.readme" && cat "$2.readme" >"$readme"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-docs.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT

if [ "${1:-}" = --write ]; then
	for name in syscalls reasons; do
		markers "$name" || { echo "$readme has not the markers <!-- $name --> and <!-- /$name -->, each alone on a line" >&2; exit 1; }
		generated "$name" >"$dir/$name"
		write "$name" "$dir/$name"
	done
	exit
fi

for name in syscalls reasons; do
	generated "$name" >"$dir/$name"
	if ! [ "$(wc -l <"$dir/$name")" -gt 2 ]; then
		wrong="./$BIN --list-$name prints nothing"
	elif ! markers "$name"; then
		wrong="$readme has not the markers <!-- $name --> and <!-- /$name -->, each alone on a line"
	elif ! wrong=$(diff -u --label "$readme" --label "./$BIN --list-$name" <(present "$name") "$dir/$name"); then
		wrong+=$'\nrun ci/check-docs.sh --write'
	fi
	check "the table of $name in $readme is the program's" "$wrong"
done

mapfile -t options < <("./$BIN" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u)
check "--help names options" "$([ "${#options[@]}" -ge 5 ] || echo "only ${options[*]}")"
# mdoc(7) writes the first dash itself
check "subuidless(1) names each option of --help" "$(for option in "${options[@]}"; do
	grep -Eq -- "^\\..* (Fl |\\| )${option#-}( |\$)" "$manual" 2>/dev/null || echo "$manual has no $option"
done)"
check "subuidless(1) names no other option" "$(grep -oE 'Fl -[a-z-]+' "$manual" 2>&1 | sed 's/^Fl -/--/' | sort -u |
	grep -vxF -f <(printf '%s\n' "${options[@]}"))"
finish
