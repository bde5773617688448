#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the documents and subuidless(1) name is there: files, functions, tests, options, make targets, headings; their tables are the
# program's, and their lines are not too long. With --write: puts the program's tables into the documents.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

manual=src/cli/subuidless.1
documents=(README.md SECURITY.md docs/*.md)
declare -A holder=([syscalls]=docs/syscalls.md [reasons]=docs/troubleshooting.md [sources]=docs/ARCHITECTURE.md) # of each table

table() { # title of each column; lines with tabs come in
	printf '| %s ' "$@"
	printf '|\n'
	printf -- '|---%.0s' "$@"
	printf '|\n'
	sed 's/|/\\|/g; s/\t/ | /g; s/^/| /; s/$/ |/'
}

sources() { # a file of each module: its header, if it has one
	local layer file

	for layer in "${layers[@]}"; do
		for file in src/"$layer"/*.def src/"$layer"/*.[ch]; do
			[[ ! -e $file || ( $file = *.c && -e ${file%.c}.h ) ]] || echo "$file"
		done
	done
}

generated() { # syscalls, reasons or sources
	case $1 in
	syscalls) "./$BIN" --list-syscalls | table call what trapped ;;
	reasons) "./$BIN" --list-reasons | table reason expected kind text ;;
	sources) sources | xargs awk -f ci/source_map.awk | table file what ;;
	esac
}

# what stands between the markers, each alone on its line
present() { # name
	awk -v start="<!-- $1 -->" -v end="<!-- /$1 -->" '$0 == end { inside = 0 } inside; $0 == start { inside = 1 }' "${holder[$1]}"
}

markers() { # name: are there two of them, in order?
	[ "$(grep -xE "<!-- /?$1 -->" "${holder[$1]}" 2>/dev/null | tr '\n' ' ')" = "<!-- $1 --> <!-- /$1 --> " ] ||
		echo "${holder[$1]} has not the markers <!-- $1 --> and <!-- /$1 -->, each alone on a line"
}

write() { # name
	awk -v start="<!-- $1 -->" -v end="<!-- /$1 -->" -v new="$dir/$1" '
		$0 == start { print; while ((getline line <new) > 0) print line; inside = 1; next }
		$0 == end { inside = 0 }
		!inside' "${holder[$1]}" >"$dir/document" && cat "$dir/document" >"${holder[$1]}"
}

dir=$(mktemp -d "${TMPDIR:-/tmp}/subuidless-docs.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT

for name in syscalls reasons sources; do
	generated "$name" >"$dir/$name"
	wrong=$(markers "$name")
	if [ "$(wc -l <"$dir/$name")" -le 2 ]; then
		wrong="there are no $name"
	elif [ "${1:-}" = --write ]; then
		[ -z "$wrong" ] || { echo "$wrong" >&2; exit 1; }
		write "$name"
		continue
	elif [ -z "$wrong" ]; then
		wrong=$(diff -u --label "${holder[$name]}" --label "the tree's $name" <(present "$name") "$dir/$name") ||
			wrong+=$'\nrun ci/check-docs.sh --write'
	fi
	check "the table of $name in ${holder[$name]} is the tree's" "$wrong"
done
[ "${1:-}" != --write ] || exit 0

# of the program and of each of its commands
help=$("./$BIN" --help)
mapfile -t commands < <(grep -oE 'subuidless \[?[a-z]+(]| |$)' <<<"$help" | tr -d '[]' | awk '{ print $2 }' | sort -u)
for command in "${commands[@]}"; do
	# an engine says this of itself
	[[ "$command" != @(podman|buildah|skopeo) ]] || continue
	help+=$'\n'$("./$BIN" "$command" --help </dev/null 2>/dev/null)
done
# what is in quotes there is another program's
mapfile -t options < <(sed "s/'[^']*'//g" <<<"$help" | grep -oE -- '--[a-z][a-z-]+' | sort -u)
check "--help names commands and options" "$([ "${#options[@]}" -ge 10 ] && [ "${#commands[@]}" -ge 3 ] ||
	echo "only ${commands[*]} ${options[*]}")"
# mdoc(7) writes the first dash itself
check "subuidless(1) names each option of --help" "$(for option in "${options[@]}"; do
	grep -Eq -- "^\\..* (Fl |\\| )${option#-}( |\$)" "$manual" 2>/dev/null || echo "$manual has no $option"
done)"
check "subuidless(1) names no other option" "$(grep -oE '(Fl|\|) -[a-z][a-z-]+' "$manual" 2>&1 | sed -E 's/^(Fl|\|) -/--/' |
	sort -u | grep -vxF -f <(printf '%s\n' "${options[@]}"))"

names() { # documents: lines KIND<tab>WHAT of what they have and the tree has not
	ci/doc_names.py "${options[@]}" "${commands[@]}" help -- "$@"
}

# one wrong name of each kind, so that each check is seen to fail
mkdir "$dir/planted"
cat >"$dir/planted/README.md" <<-'END'
	# Planted
	This line is one that is longer than a line of text may be, for it goes on and on until it has 101 columns,

	and no more. See [one](other.md), [two](#above-all), `serve/nowhere.c`, `struct nobody`,
	`nothing_at_all()`, `serve/job.c: handle_chown()`, test-nothing, test-owner: what_is_not;
	`life.bats: "what nobody tests"`, ci/proofs.sh: nothing, planted bug there-is-none.

	    make nonsense
	    subuidless profile --nothing --runtime runc -- --numeric-owner
	    subuidless nonsense
END
printf '\n%.0s' {1..150} >>"$dir/planted/README.md"
names "${documents[@]}" "$manual" >"$dir/wrong" || echo "links	ci/doc_names.py has failed" >>"$dir/wrong"
names "$dir/planted/README.md" >"$dir/seen"

names_check() { # kind, how many planted ones, what is checked
	check "$3" "$(sed -n "s/^$1\t//p" "$dir/wrong")"
	check "$3: what is not so is seen" "$([ "$(grep -c "^$1	" "$dir/seen")" = "$2" ] || cat "$dir/seen")"
}

names_check length 2 "lines have 100 columns at most, and README.md has 150 lines"
names_check links 2 "links within the documents lead somewhere"
names_check files 1 "files that the documents name exist"
names_check functions 3 "functions and types that the documents name exist, in the file that they name"
names_check tests 5 "tests, proofs, fuzz targets and planted bugs that the documents name exist"
names_check options 2 "options and commands that the documents name are the program's"
names_check targets 1 "targets of make that the documents name exist"
finish
