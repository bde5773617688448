#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# plant.sh DIR TARGET...: copies of sources with the bugs of fuzz/plants/TARGET.plants, each under its number, go to
# DIR/TARGET/src; what make has to know of them is printed. A plants file has one entry a bug:
#
#	plant NUMBER FILE [blind] [runs=N]
#	why ONE LINE: how such a bug comes about
#	-the lines of FILE as they stand, each behind a minus; together they must be there exactly once
#	+what they become, each behind a plus; none: they are left out
#
# The target has to find it within N runs (else see ci/fuzz-plants.sh) from the corpus on. With "blind" it is also shown that
# the same runs do not find it when CHECK() minds nothing. Numbers count within the target. A bug in a macro needs the whole
# macro, since the preprocessor picks the lines: #if PLANT == NUMBER.
set -eu

dir=$1
shift

for target; do
	rm -rf "${dir:?}/$target"
	awk -v target="$target" -v dir="$dir/$target" '
	function fail(why) {
		print FILENAME ": " why >"/dev/stderr"
		failed = 1
		exit 1
	}
	/^plant / {
		n++
		number[n] = $2
		file[n] = $3
		options[n] = $0
		if ($2 !~ /^[1-9][0-9]*$/ || $2 in taken)
			fail("plant " $2 ": a number of its own is wanted")
		taken[$2]
		files[$3]
		next
	}
	/^why ./ && n { why[n] = substr($0, 5); next }
	/^-/ && n { old[n] = old[n] substr($0, 2) "\n"; olds[n]++; next }
	/^\+/ && n { new[n] = new[n] substr($0, 2) "\n"; next }
	/^(#.*)?$/ { next }
	{ fail("line " FNR " is none of plant, why, -, +") }

	# the line at which the lines of plant p begin among the ones of its file, which has to be the only place
	function place(p, lines, count,    i, k, at, text) {
		for (i = 1; i + olds[p] - 1 <= count; i++) {
			text = ""
			for (k = 0; k < olds[p]; k++)
				text = text lines[i + k] "\n"
			if (text != old[p])
				continue
			if (at)
				fail("plant " number[p] ": its lines are twice in " file[p])
			at = i
		}
		if (!at)
			fail("plant " number[p] ": its lines are not in " file[p])
		return at
	}
	# lines a to b of a file, as they are or with the bug p
	function emit(to, lines, a, b, p,    i) {
		for (i = a; i <= b; i++) {
			if (p && i == at[p]) {
				printf "%s", new[p] >to
				i += olds[p] - 1
			} else {
				print lines[i] >to
			}
		}
	}
	function copy(name,    lines, count, p, i, to, joined, touched, b, first) {
		while ((i = getline lines[count + 1] <name) > 0)
			count++
		if (i < 0)
			fail("there is no " name)
		for (p = 1; p <= n; p++) {
			if (file[p] != name)
				continue
			at[p] = place(p, lines, count)
			for (i = at[p]; i < at[p] + olds[p]; i++) {
				touched[i] = 1
				joined[i] += i < at[p] + olds[p] - 1
			}
		}
		to = dir "/" name
		sub(/\/[^\/]*$/, "", to)
		system("mkdir -p " to)
		to = dir "/" name
		printf "#line 1 \"%s\"\n", name >to
		for (i = 1; i <= count; i = b + 1) {
			for (b = i; joined[b];)
				b++
			if (!touched[i]) {
				emit(to, lines, i, b, 0)
				continue
			}
			first = "#if"
			for (p = 1; p <= n; p++) {
				if (file[p] != name || at[p] < i || at[p] > b)
					continue
				print first " PLANT == " number[p] >to
				emit(to, lines, i, b, p)
				first = "#elif"
			}
			printf "#else\n#line %d \"%s\"\n", i, name >to
			emit(to, lines, i, b, 0)
			printf "#endif\n#line %d \"%s\"\n", b + 1, name >to
		}
		close(to)
	}
	END {
		if (failed)
			exit 1
		if (!n)
			fail("it has no plant")
		for (p = 1; p <= n; p++)
			if (!why[p] || !old[p] || old[p] == new[p])
				fail("plant " number[p] " lacks its why, its lines, or a difference")
		for (name in files)
			copy(name)
		for (p = 1; p <= n; p++) {
			print "PLANTS += " target "-" number[p]
			print "PLANT_FILE_" target "-" number[p] " = " file[p]
			if (options[p] ~ / blind( |$)/)
				print "BLIND_PLANTS += " target "-" number[p]
		}
	}' "fuzz/plants/$target.plants"
done
