#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants bugs in the sources, one at a time, and shows that a test notices each: "mutants".

usage: tests/mutants/run.py [--changed SECONDS | --all | NAME... | --write DIR CATCHER]

Without an argument: those whose entry in the ledger is out of date. --changed: the same, the ones that changed last first, for about
SECONDS, and says how many are left; that alone leaves the ledger as it is. --write makes DIR/NAME/FILE of each mutant that CATCHER, such as
"fuzz owner", has to see, and prints NAME and FILE. TEST_JOBS: how many at once.

A .mutants file has one entry a bug:

	mutant NAME
	breaks FILE             a .c file
	seen-by CATCHER ...     catch/CATCHER with its arguments; there may be several, and each has to see the bug
	why ONE LINE            what is wrong, or how such a bug comes about
	-lines of FILE as they stand, which must be there exactly once
	+what they become; without such lines they are left out
	@                       alone on a line: another place of the same file follows

A catcher is called from the top of the tree as `catch/CATCHER DIR FILE ARGUMENT...`, where DIR/FILE is the file with the bug. It exits with
0 if its test saw the bug, and with 1 if it did not; any other status says that the test could not be run. Its last line says how.
`catch/CATCHER inputs [ARGUMENT]`, with the first one, prints the files on which that depends.

LEDGER.tsv: a mutant and catcher a line, with a hash of the mutant and the file that it breaks, and one of the catcher and its inputs.
"""
import concurrent.futures
import functools
import glob
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time

HERE = "tests/mutants"
LEDGER = HERE + "/LEDGER.tsv"
BUILD = os.environ.get("BUILD", "build")
LIMIT = 900  # seconds of one catcher


class Mutant:
    def __init__(self, name, origin):
        self.name, self.origin = name, origin
        self.file = self.why = None
        self.catchers = []
        self.text = ""
        self.places = [([], [])]

    def add(self, line):
        """Takes a line of its entry. False: it is none of these."""
        word, _, rest = line.partition(" ")
        self.text += line + "\n"
        if word == "breaks":
            self.file = rest
        elif word == "seen-by":
            self.catchers.append(rest)
        elif word == "why":
            self.why = rest
        elif line == "@":
            self.places.append(([], []))
        elif line[:1] in ("-", "+"):
            self.places[-1][line[0] == "+"].append(line[1:])
        else:
            return False
        return True

    def source(self):
        """FILE with the bug; ValueError says why that cannot be."""
        if not (self.file and self.why and self.catchers):
            raise ValueError("breaks, seen-by or why is missing")
        with open(self.file, encoding="utf-8") as file:
            lines = file.read().split("\n")
        for old, new in self.places:
            n = len(old)
            at = [i for i in range(len(lines) - n + 1) if lines[i : i + n] == old]
            if not old or old == new or len(at) != 1:
                raise ValueError(f"lines that {'are there %d times' % len(at) if old else 'are missing'}: {old[:1]}")
            lines[at[0] : at[0] + n] = new
        return "\n".join(lines)


    def write(self, folder):
        path = f"{folder}/{self.file}"
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.source())
        os.chmod(folder, 0o755)


def read_mutants():
    mutants, wrong = {}, []
    for path in sorted(glob.glob(HERE + "/*.mutants")):
        mutant = None
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                line = line.rstrip("\n")
                if line.startswith("mutant "):
                    mutant = Mutant(line[7:], path)
                    if mutant.name in mutants or not re.fullmatch(r"[a-z0-9-]+", mutant.name):
                        wrong.append(f"{path}:{number}: {mutant.name} needs a name of its own, of letters, digits and dashes")
                    mutants[mutant.name] = mutant
                elif line and not line.startswith("#") and not (mutant and mutant.add(line)):
                    wrong.append(f"{path}:{number}: not understood: {line}")
    return mutants, wrong


def digest(*texts):
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


@functools.lru_cache(maxsize=None)
def content(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


class Catch:
    """One mutant and one catcher."""

    inputs_of = {}

    def __init__(self, mutant, catcher):
        self.mutant, self.catcher = mutant, catcher
        kind, *self.arguments = shlex.split(catcher)
        self.program = f"{HERE}/catch/{kind}"
        self.key = (mutant.name, catcher)
        self.hashes = (digest(mutant.text, content(mutant.file)), digest(*(content(path) for path in self.inputs())))

    def inputs(self):
        command = (self.program, "inputs", *self.arguments[:1])
        if command not in self.inputs_of:
            listed = subprocess.run(command, check=True, capture_output=True, text=True)
            self.inputs_of[command] = [self.program, *listed.stdout.split("\n")[:-1]]
        return self.inputs_of[command]

    def run(self, work):
        """(status, how, seconds)"""
        folder = f"{work}/{self.mutant.name}.{digest(self.catcher)[:6]}"
        self.mutant.write(folder)
        start = time.monotonic()
        command = ["timeout", "-k", "10", str(LIMIT), self.program, folder, self.mutant.file, *self.arguments]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        shutil.rmtree(folder, ignore_errors=True)
        lines = (done.stdout if done.returncode == 0 else done.stdout + done.stderr).strip().split("\n")
        return done.returncode, lines, round(time.monotonic() - start)


def read_ledger():
    ledger = {}
    if os.path.exists(LEDGER):
        with open(LEDGER, encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    name, catcher, *rest = line.rstrip("\n").split("\t")
                    ledger[name, catcher] = rest
    return ledger


def write_ledger(ledger, catches):
    with open(LEDGER + ".new", "w", encoding="utf-8") as file:
        file.write("# SPDX-License-Identifier: Apache-2.0\n# mutant\tseen by\thash of it and its file\thash of the catcher\tdate\tseconds\thow\n")
        for key in sorted(catch.key for catch in catches if catch.key in ledger):
            file.write("\t".join((*key, *ledger[key])) + "\n")
    os.rename(LEDGER + ".new", LEDGER)


def last_changes():
    """When git has seen a change of a path: of those of the last 500 commits, and now for what is not committed."""

    def git(*arguments):
        return subprocess.run(["git", *arguments], capture_output=True, text=True).stdout.split("\n")

    times, when = {}, 0
    for line in git("log", "-500", "--name-only", "--format=@%ct"):
        if line.startswith("@"):
            when = int(line[1:])
        elif line:
            times.setdefault(line, when)
    times.update((line[3:], time.time()) for line in git("status", "--porcelain"))
    return times


def newest(catches):
    """Sorted by the last change of the file that is broken, or of what sees it."""
    times = last_changes()
    return sorted(catches, key=lambda catch: -max(times.get(path, 0) for path in (catch.mutant.file, *catch.inputs())))


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def result(self, passed, name, why=()):
        self.count += 1
        self.failed += not passed
        print(f"{'ok' if passed else 'not ok'} {self.count} - {name}", *(f"# {line}" for line in why), sep="\n", flush=True)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}", flush=True)


def check_entries(tap, mutants, wrong):
    for mutant in mutants.values():
        try:
            mutant.source()
        except (ValueError, OSError) as error:
            wrong.append(f"{mutant.origin}: {mutant.name}: {error}")
    broken = {mutant.file for mutant in mutants.values()}
    wrong += [f"no mutant breaks {path}" for path in sorted(glob.glob("src/handle/*.c")) if path not in broken]
    fuzzed = [shlex.split(c)[1:] for m in mutants.values() for c in m.catchers if c.startswith("fuzz ")]
    for target in subprocess.run(["make", "-s", "fuzz-targets"], check=True, capture_output=True, text=True).stdout.split():
        of_target = [words for words in fuzzed if words[0] == target]
        if len(of_target) < 3 or not any("blind" in words for words in of_target):
            wrong.append(f"the fuzz target {target} needs three mutants, one of them for its checks alone (blind)")
    tap.result(not wrong, f"{len(mutants)} mutants apply; each handler and each fuzz target has some", wrong)


def run_catches(tap, catches, deadline, ledger, save):
    """How many were left because of the time. save() is called after each, for this takes long, and may be ended."""
    # what the mutants are linked with, made once
    made = subprocess.run(["make", "-s", "-k", "mutants-base"], capture_output=True, text=True)
    if made.returncode:
        tap.result(False, "what the mutants are linked with is built", made.stderr.strip().split("\n")[-10:])
        return len(catches)
    work = os.path.abspath(f"{BUILD}/mutants")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    left = 0

    def run(catch):
        return catch.run(work) if time.monotonic() < deadline else None

    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("TEST_JOBS") or os.cpu_count())) as pool:
        for catch, result in zip(catches, pool.map(run, catches)):
            if result is None:
                left += 1
                continue
            status, lines, seconds = result
            name = f"{catch.mutant.name} is seen by {catch.catcher}"
            if status == 0:
                how = lines[-1].replace("\t", " ")
                ledger[catch.key] = [*catch.hashes, time.strftime("%Y-%m-%d"), str(seconds), how]
                tap.result(True, f"{name}: {how}, {seconds} s")
            elif status == 77:
                tap.skip(name, lines[-1])
            else:
                ledger.pop(catch.key, None)
                tap.result(False, name, [catch.mutant.why, *(["nobody saw it"] if status == 1 else [f"exit status {status}"]), *lines[-20:]])
            save()
    return left


def write_sources(folder, catcher, mutants):
    for mutant in mutants.values():
        if any((seen + " ").startswith(catcher + " ") for seen in mutant.catchers):
            mutant.write(f"{folder}/{mutant.name}")
            print(mutant.name, mutant.file)
    return 0


def main(arguments):
    os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/../..")
    mutants, wrong = read_mutants()
    if arguments[:1] == ["--write"] and len(arguments) == 3:
        return write_sources(*arguments[1:], mutants)
    tap, ledger = Tap(), read_ledger()
    deadline = float("inf")
    check_entries(tap, mutants, wrong)
    if tap.failed:
        print("1..1")
        return 1
    catches = [Catch(mutant, catcher) for mutant in mutants.values() for catcher in mutant.catchers]
    chosen = [catch for catch in catches if ledger.get(catch.key, [])[:2] != list(catch.hashes)]
    if arguments[:1] == ["--all"]:
        chosen = catches
    elif arguments[:1] == ["--changed"] and len(arguments) == 2:
        deadline = time.monotonic() + float(arguments[1])
        chosen = newest(chosen)
    elif arguments:
        unknown = [name for name in arguments if name not in mutants]
        if unknown:
            sys.exit(f"no mutant is called {' or '.join(unknown)}\n{__doc__}")
        chosen = [catch for catch in catches if catch.mutant.name in arguments]
    print(f"# {len(catches) - len(chosen)} of {len(catches)} were seen with the present content, says {LEDGER}")
    save = (lambda: None) if "--changed" in arguments else (lambda: write_ledger(ledger, catches))
    left = run_catches(tap, chosen, deadline, ledger, save) if chosen else 0
    if left:
        print(f"# {left} of {len(chosen)} that changed are left to tests/mutants/run.py or make check-all")
    save()
    print(f"1..{tap.count}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
