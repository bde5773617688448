#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What tests have found on each kernel, for docs/kernels.md.

tests/machines/table.py keep KERNEL LOG     takes the results of a run: of each file, the last one counts
tests/machines/table.py write KERNEL...     writes them to docs/kernels.md
"""
import json
import os
import re
import sys
import time

machines = os.environ.get("MACHINES") or os.path.join(os.environ.get("XDG_CACHE_HOME") or "/var/cache", "subuidless-machines")
document = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/kernels.md")


def results_of(kernel):
    """Where the results of a kernel are kept."""
    return os.path.join(machines, f"results-{kernel}.json")


def take(line, result):
    """Counts a line of TAP as tests/run.sh does, with the reasons of skips."""
    if match := re.match(r"(?:not )?ok\b.*\s# *skip *(.*)", line, re.I):
        result["skipped"].append(match[1])
    elif re.match(r"ok\b", line):
        result["passed"] += 1
    elif re.match(r"not ok\b|Bail out!", line):
        result["failed"] += 1


def read(log):
    """version, what it lacks, {who and file: result}"""
    version, lacks, files, whom, now = None, [], {}, None, None
    date = time.strftime("%Y-%m-%d", time.gmtime(os.path.getmtime(log)))
    with open(log, errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\r\n")
            if match := re.match(r"# kernel Linux .*Debian (\S+)-", line):
                version = match[1]
            elif match := re.match(r"# lacks (.*?)(:.*)?$", line):
                lacks.append(match[1])
            elif match := re.match(r"# as (root|user)$", line):
                whom = match[1]
            elif match := re.match(r"# (\S+), (\d+) s$", line):
                now = {"passed": 0, "failed": 0, "skipped": [], "date": date, "seconds": int(match[2])}
                files[f"{whom} {match[1]}"] = now
            elif now is not None:
                take(line, now)
    return version, lacks, files


def keep(kernel, log):
    """Of another version than before, what was before does not count any more."""
    version, lacks, files = read(log)
    if version is None:
        sys.exit(f"{log}: this machine did not come to its tests")
    kept = {"version": version, "lacks": lacks, "files": {}}
    if os.path.exists(results_of(kernel)):
        with open(results_of(kernel)) as file:
            before = json.load(file)
        if before["version"] == version:
            kept["files"] = before["files"]
    kept["files"].update(files)
    with open(results_of(kernel) + ".new", "w") as file:
        json.dump(kept, file)
    os.rename(results_of(kernel) + ".new", results_of(kernel))


def row(cells):
    return "| " + " | ".join(cells) + " |\n"


def cell(result):
    if result is None:
        return "not run"
    text = str(result["passed"])
    if result["failed"]:
        text += f", **{result['failed']} failed**"
    if result["skipped"]:
        text += f", {len(result['skipped'])} skipped"
    return text


def dates(kept):
    found = sorted({result["date"] for result in kept["files"].values()})
    return found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}"


def skips(every):
    """A line for each reason, with how many tests each kernel has left out for it."""
    reasons = {}
    for kept in every:
        for result in kept["files"].values():
            for reason in result["skipped"]:
                by = reasons.setdefault(reason, {})
                by[kept["version"]] = by.get(kept["version"], 0) + 1
    return "".join(row([reason, ", ".join(f"{n} on {version}" for version, n in by.items())]) for reason, by in sorted(reasons.items()))


def table(kernels):
    every = []
    for kernel in kernels:
        with open(results_of(kernel)) as file:
            every.append(json.load(file))
    names = sorted({name for kept in every for name in kept["files"]})
    out = row(["Linux"] + [kept["version"] for kept in every]) + row(["---"] * (len(every) + 1))
    out += row(["run on"] + [dates(kept) for kept in every])
    out += row(["has not"] + ["; ".join(kept["lacks"]) or "" for kept in every])
    for name in names:
        whom, path = name.split(" ")
        if path.startswith("build/"):
            path = path[len("build/"):] + ".c"
        out += row([f"{path}, as {'root' if whom == 'root' else 'a user'}"] + [cell(kept["files"].get(name)) for kept in every])
    sums = []
    for kept in every:
        results = kept["files"].values()
        sums.append("{} / {} / {}".format(sum(r["passed"] for r in results), sum(r["failed"] for r in results), sum(len(r["skipped"]) for r in results)))
    out += row(["passed / failed / skipped"] + sums)
    reasons = skips(every)
    return out + ("\nWhy tests were skipped:\n\n" + row(["why", "tests"]) + row(["---", "---"]) + reasons if reasons else "")


def write(kernels):
    start, end = "<!-- kernels -->\n", "<!-- /kernels -->\n"
    with open(document) as file:
        before, rest = file.read().split(start)
    with open(document, "w") as file:
        file.write(before + start + table(kernels) + end + rest.split(end)[1])


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "keep":
        keep(sys.argv[2], sys.argv[3])
    elif len(sys.argv) > 2 and sys.argv[1] == "write":
        write(sys.argv[2:])
    else:
        sys.exit(__doc__)


main()
