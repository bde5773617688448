#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Sizes of functions and files, licence lines, leftovers.
# shellcheck source=ci/tap.bash
. "$(dirname "$0")/tap.bash"

mapfile -t c < <(find src fuzz tests -type f \( -name '*.[ch]' -o -name '*.def' \) | LC_ALL=C sort)
mapfile -t scripts < <(find ci tests fuzz -type f \( -name '*.sh' -o -name '*.bash' -o -name '*.bats' -o -name '*.mk' -o -name '*.py' \) |
	LC_ALL=C sort)
all=("${c[@]}" "${scripts[@]}" GNUmakefile proto/rootlesscontainers.proto)

# a function is what stands between braces in the first column, with the line of its name
check "functions of ${#c[@]} files have 60 lines at most" "$(awk '
	FNR == 1 { start = 0 }
	/^{/ { start = FNR }
	/^}/ && start { n = FNR - start + 2; if (n > 60) print FILENAME ":" start - 1 ": " n " lines"; start = 0 }' "${c[@]}")"
check "${#all[@]} files have 400 lines at most" "$(wc -l "${all[@]}" | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }')"
check "each begins with its licence" "$(awk '
	FNR <= 2 && /SPDX-License-Identifier: Apache-2\.0/ { has[FILENAME] }
	FNR == 2 { nextfile }
	END { for (i = 1; i < ARGC; i++) if (!(ARGV[i] in has)) print ARGV[i] }' "${all[@]}")"
check "nothing is left for later" "$(grep -nwE 'TO''DO|FIX''ME|XX''X' "${all[@]}")"
check "all of it is ASCII" "$(LC_ALL=C grep -nP '[^\x00-\x7f]' "${all[@]}")"
check "C is indented by tabs, and no line ends with a space" "$(grep -nP '^ +[^ *]|^ \*? {2}[^ ]|[ \t]+$' "${c[@]}")"
check "scripts are executable" "$(for file in ci/*.sh tests/*.sh tests/*/*.sh; do
	[ -x "$file" ] || echo "$file"
done)"
finish
