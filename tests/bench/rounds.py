#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""rounds.py FIGURES TITLE [COLUMN:REFERENCE[:LIMIT]]...: prints what tests/bench/rounds.bash has measured"""
import statistics
import sys


def read(path):
    figures = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            name, elapsed, cpu, verdict = line.split()
            figures.setdefault(name, []).append((int(elapsed) / 1e6, int(cpu) / 1e3, verdict))
    return figures


def ratio(figures, name, to, field=0):
    ratios = [a[field] / b[field] for a, b in zip(figures.get(name, []), figures.get(to, [])) if b[field]]
    return statistics.median(ratios) if ratios else None


def main():
    path, title, *pairs = sys.argv[1:]
    figures = read(path)
    pairs = [pair.split(":") for pair in pairs]
    references = {name: to for name, to, *_ in reversed(pairs)}
    print(f"\n{title}: s, and s of all processors, of each round, with the median of the rounds' ratios to the reference")
    for name, rounds in figures.items():
        line = f"{name:16}"
        for field in (0, 1):
            line += " ".join(f"{r[field]:6.2f}" for r in rounds)
            value = ratio(figures, name, references.get(name), field)
            line += "      -  " if value is None else f"{value:7.2f}  "
        verdicts = sorted({r[2] for r in rounds})
        print(f"{line}{'' if verdicts == ['same'] else ', '.join(verdicts).upper()}")
    print()
    for name, to, *limit in pairs:
        value = ratio(figures, name, to)
        if value is None:
            continue
        well = all(r[2] == "same" for r in figures[name] + figures[to])
        verdict = "" if not limit else "MISS " if value > float(limit[0]) or not well else "PASS "
        bound = f", at most {limit[0]}" if limit else ""
        print(f"{verdict:5} {name} to {to}: {value:.2f}{bound}{'' if well else '; NOT THE SAME RESULT'}")


main()
