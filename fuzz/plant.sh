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
# macro, since the preprocessor picks the lines: #if PLANT == NUMBER. Bugs may share the same lines, but not only some of them.
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
	function copy(name,    lines, count, p, at, i, to, starts, k) {
		while ((k = getline lines[count + 1] <name) > 0)
			count++
		if (k < 0)
			fail("there is no " name)
		for (p = 1; p <= n; p++) {
			if (file[p] != name)
				continue
			at = place(p, lines, count)
			for (i = at; i < at + olds[p]; i++)
				if (of[name, i] && (!starts[at] || olds[starts[at]] != olds[p]))
					fail("plant " number[p] " shares some lines with plant " number[of[name, i]])
			for (i = at; i < at + olds[p]; i++)
				of[name, i] = p
			starts[at] = p
			bugs[name, at] = bugs[name, at] (bugs[name, at] ? "#elif" : "#if") " PLANT == " number[p] "\n" new[p]
		}
		to = dir "/" name
		sub(/\/[^\/]*$/, "", to)
		system("mkdir -p " to)
		to = dir "/" name
		printf "#line 1 \"%s\"\n", name >to
		for (i = 1; i <= count; i++) {
			if (!starts[i]) {
				print lines[i] >to
				continue
			}
			printf "%s#else\n#line %d \"%s\"\n%s#endif\n", bugs[name, i], i, name, old[starts[i]] >to
			i += olds[starts[i]] - 1
			printf "#line %d \"%s\"\n", i + 1, name >to
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
