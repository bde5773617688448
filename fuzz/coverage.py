#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# coverage.py LCOV EXCUSES LEAST SOURCE...: for ci/fuzz-coverage.sh, a row and a test a source, and one for the excuses, as
# kind, name and text between tabs. LCOV is what llvm-cov exports. An excuse is a line of FILE, TEXT of a source line, and REASON
# between tabs: the branches of that line, and the line or what hangs on it, are not reached by a corpus.
import re
import sys


def read_coverage(name):
    lines, branches, file = {}, {}, None
    for entry in open(name):
        kind, _, rest = entry.strip().partition(":")
        if kind == "SF":
            file = rest[rest.rindex("src/"):]
        elif kind == "DA":
            number, count = rest.split(",")[:2]
            lines.setdefault(file, {})[int(number)] = int(count)
        elif kind == "BRDA":
            number, block, branch, taken = rest.split(",")
            key = (int(number), block, branch)
            reached = taken not in ("-", "0")
            found = branches.setdefault(file, {})
            found[key] = found.get(key, False) or reached
    return lines, branches


def read_excuses(name):
    excuses = []
    for number, entry in enumerate(open(name), 1):
        if entry.startswith("#") or not entry.strip():
            continue
        fields = entry.rstrip("\n").split("\t")
        if len(fields) != 3 or not all(fields):
            sys.exit(f"{name}:{number}: not FILE, TEXT and REASON between tabs")
        excuses.append((number, *fields))
    return excuses


def place(file, text):
    found = [n for n, line in enumerate(open(file), 1) if line.strip() == text]
    return found[0] if len(found) == 1 else None


def judge(file, lines, branches, excuses, least):
    source = [""] + open(file).read().split("\n")
    excused = {place(file, text) for _, name, text, _ in excuses if name == file}
    excused_lines = set()
    bad_lines = [n for n, count in sorted(lines.items()) if count == 0]
    bad_branches = [key for key, reached in sorted(branches.items()) if not reached]
    wrong_lines = []
    for n in bad_lines:
        if {n, n - 1} & (excused | excused_lines):
            excused_lines.add(n)
        else:
            wrong_lines.append(n)
    wrong_branches = [key for key in bad_branches if key[0] not in excused]
    counted = len(branches) - (len(bad_branches) - len(wrong_branches))
    percent = 100 * (counted - len(wrong_branches)) / counted if counted else 100
    row = (f"lines {len(lines) - len(bad_lines):4} of {len(lines):4}, branches {len(branches) - len(bad_branches):4} of "
           f"{len(branches):4}; excused {len(bad_lines) - len(wrong_lines)} and {len(bad_branches) - len(wrong_branches)}")
    wrong = [f"line {n}: {source[n].strip()}" for n in wrong_lines]
    if percent < least or wrong:
        wrong += [f"branch in line {n}: {source[n].strip()}" for n in sorted({key[0] for key in wrong_branches})]
    if not lines and not re.search(r"^\{", "\n".join(source), re.M):
        row = "no code"
    elif not lines:
        row, wrong = "no target is linked with it", ["no target is linked with it"]
    return row, f"{percent:.1f} % of the branches", wrong


def main():
    report, excuse_file, least = sys.argv[1], sys.argv[2], float(sys.argv[3])
    lines, branches = read_coverage(report)
    excuses = read_excuses(excuse_file)
    tests = []
    for file in sys.argv[4:]:
        row, percent, wrong = judge(file, lines.get(file, {}), branches.get(file, {}), excuses, least)
        print("row", file, row, sep="\t")
        tests.append((f"{file}: all lines, {percent}", wrong))
    stale = []
    for number, file, text, _ in excuses:
        n = place(file, text)
        if n is None:
            stale.append(f"{excuse_file}:{number}: not exactly one line of {file} is so")
        elif 0 not in (lines.get(file, {}).get(n), lines.get(file, {}).get(n + 1)) and all(
                reached for key, reached in branches.get(file, {}).items() if key[0] == n):
            stale.append(f"{excuse_file}:{number}: it is reached, and needs no excuse")
    tests.append((f"{len(excuses)} excuses are needed", stale))
    for name, wrong in tests:
        print("test", name, "|".join(text.replace("|", "/").replace("\t", " ") for text in wrong), sep="\t")


main()
