#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""kill-workers.py DAEMON LOG RUNTIME KILLS CALLS PAUSE: kills the workers of the process DAEMON, whose log is LOG, again and again, until KILLS
are killed or the process RUNTIME has ended; prints how many.

A call that meets with two deaths is answered with EIO, and a listener with six deaths without an answer in between is given up. So the next
kill comes after the next worker has answered CALLS calls, and then PAUSE milliseconds at random, not just after some time: under load there
may be no progress in that.
"""

import os
import random
import re
import signal
import subprocess
import sys
import time

PATIENCE = 60


def is_gone(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def until(condition, what):
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"kill-workers.py: {what}")
        time.sleep(0.005)


def answered(daemon, log):
    """How many calls were answered so far, from the counters that the daemon logs when it is asked."""
    text = ""

    def is_told():
        nonlocal text
        text += log.read()
        return "counters end" in text

    log.seek(0, os.SEEK_END)
    os.kill(daemon, signal.SIGUSR1)
    until(is_told, "the daemon logs no counters")
    return sum(int(n) for n in re.findall(r"counter (?:answer|errno) \S+ (\d+)", text))


def kill_all(daemon):
    killed = 0
    for pid in map(int, subprocess.run(["pgrep", "-P", str(daemon)], stdout=subprocess.PIPE).stdout.split()):
        if is_gone(pid):
            continue
        try:
            os.kill(pid, signal.SIGKILL)
            killed += 1
        except ProcessLookupError:
            pass
        until(lambda: is_gone(pid), f"process {pid} does not end")
    return killed


def main():
    daemon, name, runtime, kills, calls, pause = sys.argv[1:]
    daemon, runtime, kills, calls, pause = map(int, (daemon, runtime, kills, calls, pause))
    killed = 0
    with open(name, errors="replace") as log:
        while killed < kills and not is_gone(runtime):
            killed += kill_all(daemon)
            before = answered(daemon, log)
            until(lambda: is_gone(runtime) or answered(daemon, log) > before + calls, "no call is answered any more")
            time.sleep(random.random() * pause / 1000)
    print(killed)


main()
