#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""table.py COLUMNS MEASURE DATA: runs the program MEASURE on DATA in each column, row by row and column by column, in rounds,
and prints the table. COLUMNS has one of them a line: its name and what is put in front of the program, with tabs between."""
import os
import statistics
import subprocess
import sys
import time

QUICK = bool(os.environ.get("QUICK"))
WANTED = [name for name in os.environ.get("BENCH", "").split(",") if name]
ROUNDS = 3 if QUICK else 5
BUDGET = 0.03 if QUICK else 0.25  # seconds that one measurement of a short call takes, at least
LIMIT = 40000  # calls, at most
TURNS = 10  # in which columns take a row of forks: where the kernel finds its pages differs from one to the next
OWNER, ROOT = 42, 0

STATS = ["stat-absolute", "stat-cwd", "stat-dirfd", "lstat-absolute", "fstat", "fstat-empty-path"]
IDS = ["getuid", "user-getuid", "user-setresuid"]
FORKS = ["fork-exec-static", "fork-exec-dynamic", "spawn-static"]
USER_FORKS = ["user-fork-exec-static"]
WALKS = ["walk-find", "walk-ls", "walk-tar"]
TOGETHER = ["together-1", "together-2", "together-4", "together-16"]
EMULATING = ["us", "us-1", "before", "crun", "fakeroot"]


def rows():
    """(row, file) in the order of the table; what gives owners to symlinks comes last, for it changes what stats cost"""
    all_rows = [(row, file) for row in STATS for file in ("plain", "owned")] + [("chown-absolute", "changed")]
    all_rows += [("getppid", "plain")] + [(row, "plain") for row in IDS + FORKS + USER_FORKS + TOGETHER] + [(row, "tree") for row in WALKS]
    all_rows += [(row, "owned-tree") for row in WALKS]
    return [(row, file) for row, file in all_rows if not WANTED or any(row.startswith(name) for name in WANTED)]


def applies(column, row, file):
    if row.startswith("together"):
        return column not in ("crun", "plain")
    if column == "us-1":
        return False
    if row.startswith("user-"):
        return column in EMULATING + ["proot"]
    # the crun column's daemon lives as long as all rounds, and the owners of symlinks with it
    return not (column == "crun" and file == "owned-tree")


class Column:
    """a program that measures, running under something"""

    def __init__(self, name, argv):
        self.name = name
        # into files: a full pipe must not stop it
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, row, file, count):
        self.process.stdin.write(f"{row} {file} {count}\n")
        answer = self.process.stdout.readline().split()
        if len(answer) != 3:
            sys.exit(f"{self.name}: {row} {file} was not measured")
        elapsed, calls, owner = map(int, answer)
        return elapsed, max(calls, 1), owner

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)


class Bench:
    def __init__(self, columns, measure, data):
        self.argv = {}
        for name, prefix in columns.items():
            self.argv[name] = prefix + [measure, data] + (["libc"] if name == "fakeroot" else [])
        self.counts = {}
        self.figures = {}  # (row, file) -> round -> column -> nanoseconds a call
        self.mute = set()

    def count(self, column, row, file):
        """how often one measurement makes the call"""
        key = column.name, row, file
        if key not in self.counts:
            if row.startswith("together"):
                self.counts[key] = 300 if QUICK else 1000  # ms
            elif row.startswith("walk"):
                self.counts[key] = 1
            else:
                first = 20
                elapsed, _, _ = column.ask(row, file, first)
                budget = BUDGET / (3 if row in FORKS else 1)
                self.counts[key] = min(max(int(budget * 1e9 * first / elapsed), first), LIMIT)
        return self.counts[key]

    def one_round(self, wanted):
        columns = [Column(name, argv) for name, argv in self.argv.items()]
        figures = {}
        for row, file in wanted:
            if file == "owned-tree" and not any(f == file for _, f in figures):
                for column in columns:
                    if column.name in ("us", "fakeroot"):
                        column.ask("give-tree", file, 1)
            times = {}
            for column in columns * (TURNS if row in FORKS else 1):
                if applies(column.name, row, file):
                    elapsed, calls, owner = column.ask(row, file, self.count(column, row, file))
                    self.check(column.name, file, owner)
                    times.setdefault(column.name, []).append(elapsed / calls)
            if times:
                figures[row, file] = {name: statistics.median(each) for name, each in times.items()}
        for column in columns:
            column.end()
        for key, row_figures in figures.items():
            self.figures.setdefault(key, []).append(row_figures)

    @staticmethod
    def check(name, file, owner):
        """a figure of something that does not do the work would be none"""
        if file.startswith("owned") and name in EMULATING and owner != OWNER:
            sys.exit(f"{name} shows {owner} as the owner of {file}")

    def best(self, key, column):
        return min((figures[column] for figures in self.figures.get(key, []) if column in figures), default=None)

    def ratio(self, key, column, to):
        ratios = [figures[column] / figures[to] for figures in self.figures.get(key, []) if column in figures and to in figures]
        return statistics.median(ratios) if ratios else None


def text(number, unit=""):
    if number is None:
        return "-"
    return f"{number:.{2 if number < 10 else 1 if number < 100 else 0}f}{unit}"


def print_table(bench, names):
    print(f"\n{ROUNDS} rounds; in each cell the best time, and the median of the rounds' ratios to native and to null")
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} processors, load average {load:.1f} at the end" + (
        ": OTHERS WERE BUSY, repeat this when they are not" if load > 1.5 else ""))
    print("us a call; walk-*: ms; together-N: us a call of N processes at once, all in all\n")
    width = 22
    print(f"{'':28}" + "".join(f"{name:>{width}}" for name in names))
    for key in bench.figures:
        row, file = key
        scale = 1e6 if row.startswith("walk") else 1e3
        line = f"{row + ('' if file in ('plain', 'changed') else ' ' + file):28}"
        for name in names:
            best = bench.best(key, name)
            cell = "-" if best is None else "{} {:>6} {:>6}".format(
                text(best / scale), text(bench.ratio(key, name, "native")), text(bench.ratio(key, name, "null")))
            line += f"{cell:>{width}}"
        print(line)


    if "plain" in names:
        times = [figures["plain"] / 1e3 for (row, _), rounds in bench.figures.items() if row in STATS for figures in rounds]
        if times:
            print(f"\nplain, without SYNC_WAKE_UP, is at the scheduler's mercy: stats took {text(min(times))} to {text(max(times))} us")


def print_together(bench, names):
    keys = [key for key in bench.figures if key[0].startswith("together")]
    if keys:
        print("\ncalls a second of N processes at once")
        for key in keys:
            print(f"{key[0]:28}" + "".join(f"{text(1e9 / bench.best(key, n)) if bench.best(key, n) else '-':>{width}}"
                                           for n in names for width in [22]))


class Bars:
    def __init__(self):
        self.lines = []

    def at_most(self, what, value, limit):
        verdict = "n/a" if value is None else "PASS" if value <= limit else "MISS"
        self.lines.append(f"{verdict:5} {what}: {text(value)}, at most {limit}")

    def at_least(self, what, value, limit):
        verdict = "n/a" if value is None else "PASS" if value >= limit else "MISS"
        self.lines.append(f"{verdict:5} {what}: {text(value)}, at least {limit}")


def print_bars(bench, containers):
    bars = Bars()
    limits = {"stat-dirfd": 1.7}
    for row, file in bench.figures:
        key = row, file
        name = f"{row} {file}"
        if row in STATS:
            if file == "plain":
                bars.at_most(f"{name}, us to null", bench.ratio(key, "us", "null"), limits.get(row, 1.5))
            bars.at_least(f"{name}, PRoot to us", bench.ratio(key, "proot", "us"), 10)
        elif row in WALKS:
            bars.at_least(f"{name}, PRoot to us", bench.ratio(key, "proot", "us"), 4)
            bars.at_most(f"{name}, us to fakeroot", bench.ratio(key, "us", "fakeroot"), 1.0)
        elif row in FORKS:
            bars.at_most(f"{name}, us to fakeroot", bench.ratio(key, "us", "fakeroot"), 1.0)
            bars.at_most(f"{name}, us to native", bench.ratio(key, "us", "native"), 1.3)
        elif row == "getuid":
            bars.at_most(f"{name}, us to null", bench.ratio(key, "us", "null"), 1.3)
        elif row == "together-1":
            bars.at_most("a lone process, us to a single thread of us", bench.ratio(key, "us", "us-1"), 1.0)
        elif row in ("together-4", "together-16"):
            bars.at_least(f"{row}, a single thread of us to us", bench.ratio(key, "us-1", "us"), 1.6)
    for n, workers, broker in containers:
        bars.at_most(f"MiB (PSS) a container, of {n}", (workers + broker) / n / 1024, 1.0)
    print("\nwhat is aimed at")
    print("\n".join(bars.lines))


def read_containers(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii") as file:
        found = [tuple(map(int, line.split())) for line in file]
    for n, workers, broker in found:
        print(f"{n} containers: {workers / n:.0f} KiB for each worker, {broker} KiB for the broker (PSS), "
              f"{(workers + broker) / n:.0f} KiB a container")
    return found


def main():
    columns_file, measure, data = sys.argv[1:]
    with open(columns_file, encoding="utf-8") as file:
        fields = [line.rstrip("\n").split("\t") for line in file]
    bench = Bench({name: prefix for name, *prefix in fields}, measure, data)
    names = list(bench.argv)
    wanted = rows()
    begin = time.monotonic()
    for number in range(ROUNDS if wanted else 0):
        bench.one_round(wanted)
        print(f"# round {number + 1} of {ROUNDS}, {time.monotonic() - begin:.0f} s", file=sys.stderr)
    print_table(bench, names)
    print_together(bench, names)
    print()
    print_bars(bench, read_containers(os.path.join(os.path.dirname(columns_file), "containers")))


main()
