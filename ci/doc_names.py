#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# ci/doc_names.py OPTION... -- DOCUMENT...: names in documents that the tree does not have, as lines "KIND<tab>FILE:LINE: WHAT".
# The kinds are those of CHECKS. OPTION...: the options and commands of subuidless. To be run at the top of the tree; see
# docs/HACKING.md for how documents write names.
import glob
import os
import re
import sys

SOURCES = ("c", "h", "def", "bats", "sh", "bash", "py", "mk", "sed", "proto", "tsv")
LINE_MAX = 100
README_MAX = 150


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


class Document:
    """text: paragraphs, rows of tables, other lines; code: lines, with what a backslash continues. Each with its first line's number."""

    def __init__(self, path):
        self.path = path
        self.lines = read(path).split("\n")
        self.text, self.code = [], []
        fenced = paragraph = False
        for n, line in enumerate(self.lines, 1):
            if line.startswith("```"):
                fenced, paragraph = not fenced, False
            elif fenced or (line.startswith(("    ", "\t")) and not paragraph):
                if self.code and self.code[-1][1].endswith("\\"):
                    self.code[-1][1] = self.code[-1][1][:-1] + line
                else:
                    self.code.append([n, line])
            elif paragraph and line.strip() and not line.startswith(("|", "#", ".")):
                self.text[-1][1] += " " + line.strip()
            else:
                self.text.append([n, line])
                paragraph = bool(line.strip()) and not line.startswith(("|", "#", "."))

    def blocks(self):
        return self.text + self.code

    def commands(self):
        """Lines of code, and code within text."""
        spans = [(n, span) for n, text in self.text for _, span in re.findall(r"(`+)(.+?)\1", text)]
        return self.code + spans


class Tree:
    def __init__(self):
        self.names = {}
        for top in sorted(os.listdir(".")):
            if os.path.isdir(top) and top not in (".git", "build"):
                for folder, _, files in os.walk(top):
                    if "corpus" not in folder:
                        for name in files:
                            self.names.setdefault(name, []).append(os.path.join(folder, name))
        folders = glob.glob("*/") + glob.glob("src/*/") + glob.glob("tests/*/")
        self.tops = {path.split("/")[-2] for path in folders if path != "build/"}
        code = [p for ps in self.names.values() for p in ps if re.match(r"(src|tests|fuzz)/.*\.(c|h|bats|bash|sh)$", p)]
        self.code = "\n".join(map(read, code))
        makefiles = "\n".join(map(read, ["GNUmakefile"] + [p for ps in self.names.values() for p in ps if p.endswith(".mk")]))
        self.targets = set(" ".join(a + b for a, b in re.findall(r"^([\w. -]+):(?!=)|^\.PHONY:(.*)", makefiles, re.M)).split())

    def find(self, name):
        """The paths of a file that a document names: from the top, from src or tests, or by its last component alone."""
        if "/" in name:
            return [p for top in ("", "src/", "tests/") for p in glob.glob(top + name.rstrip("/"))]
        return self.names.get(name, [])

    def defines(self, path, function):
        return re.search(r"^[^\s/#*].*\b%s\(|^#\s*define %s\(|\b%s\(\) *[{(]" % ((function,) * 3), read(path), re.M)


def check_length(doc, _tree, _words):
    for n, line in enumerate(doc.lines, 1):
        if len(line) > LINE_MAX and not line.startswith("|"):
            yield n, f"{len(line)} columns"
    if os.path.basename(doc.path) == "README.md" and len(doc.lines) - 1 > README_MAX:
        yield len(doc.lines) - 1, f"more than {README_MAX} lines"


def anchors(path):
    headings = re.findall(r"^#+ +(.*)$", re.sub(r"^```.*?^```", "", read(path), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def check_links(doc, _tree, _words):
    for n, text in doc.text:
        for target in re.findall(r"\]\(([^)]+)\)", text):
            path, _, anchor = target.partition("#")
            path = os.path.join(os.path.dirname(doc.path), path) if path else doc.path
            if re.match(r"[a-z]+:", target):
                continue
            if not os.path.exists(path):
                yield n, f"no file {target}"
            elif anchor and anchor not in anchors(path):
                yield n, f"no heading for {target}"


def check_files(doc, tree, _words):
    for n, text in doc.blocks():
        text = re.sub(r"\]\([^)]*\)", "]", text)
        for name in re.findall(r"(?<![\w/.~$*-])((?:[\w.*-]+/)+[\w.*-]*|[\w-]+\.(?:%s)\b)" % "|".join(SOURCES), text):
            name = name.rstrip(".")
            if ("/" not in name or name.split("/")[0] in tree.tops) and not tree.find(name):
                yield n, f"no file {name}"


def check_functions(doc, tree, _words):
    for n, text in doc.blocks():
        for path, function in re.findall(r"(?:([\w/.-]+\.[ch]): )?\b([A-Za-z_]\w*)\(\)", text):
            if path:
                if not any(tree.defines(p, function) for p in tree.find(path)):
                    yield n, f"{path} has no {function}()"
            elif not re.search(r"\b%s\(" % function, tree.code):
                yield n, f"no function {function}()"
        for kind, name in re.findall(r"`(struct|enum|union) (\w+)`", text):
            if not re.search(r"\b%s %s\b" % (kind, name), tree.code):
                yield n, f"no {kind} {name}"


def check_tests(doc, tree, _words):
    for n, text in doc.blocks():
        for file, names in re.findall(r'([\w/.-]+\.bats): ((?:"[^"]+"(?:, )?)+)', text):
            known = {t for p in tree.find(file) for t in re.findall(r'^@test "(.*)" *{', read(p), re.M)}
            for name in re.findall(r'"([^"]+)"', names):
                if name not in known:
                    yield n, f'{file} has no test "{name}"'
        for file, names in re.findall(r"\b((?:test|fuzz)-[a-z0-9]+)(?!-)\b(?:: (\w+(?:, \w+)*))?", text):
            paths = tree.find(file + ".c") + tree.find(file + ".sh")
            if not paths and file not in tree.targets:
                yield n, f"no {file}"
            for name in names.split(", ") if names and paths else []:
                if not tree.defines(paths[0], name):
                    yield n, f"{file} has no {name}"
        for name in re.findall(r"ci/proofs\.sh: (\w+)", text):
            if not tree.find(f"tests/proof/{name}.c"):
                yield n, f"no proof {name}"
        for name in re.findall(r"[\w-]+", " ".join(re.findall(r"planted bugs? ((?:[a-z]+-[a-z-]+(?:, )?)+)", text))):
            if not re.search(r"^mutant %s$" % name, "\n".join(map(read, tree.find("tests/mutants/*.mutants"))), re.M):
                yield n, f"no planted bug {name}"


def check_options(doc, _tree, words):
    for n, line in doc.commands():
        if line.startswith("--"):
            line = "subuidless " + line
        for call in re.findall(r"(?<![\w/$.-])subuidless (.*)", line):
            # what follows an engine's name is its own
            call = re.sub(r"^((?:podman|buildah|skopeo)(?!\S)).*", r"\1", call)
            ours = re.split(r"[|;&>'\"]|(?<!\S)--(?!\S)", call)[0]
            for word in re.findall(r"(?<!\S)--[a-z][a-z-]*", ours) + re.findall(r"^[a-z]+(?!\S)", ours):
                if word not in words:
                    yield n, f"subuidless has no {word}"


def check_targets(doc, tree, _words):
    for n, line in doc.commands():
        match = re.match(r"\s*(?:\$ )?make((?: +\S+)*)", line.split("#")[0])
        for word in match.group(1).split() if match else []:
            if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-") and word not in tree.targets:
                yield n, f"no target {word}"


CHECKS = {"length": check_length, "links": check_links, "files": check_files, "functions": check_functions,
          "tests": check_tests, "options": check_options, "targets": check_targets}


def main():
    split = sys.argv.index("--")
    words, paths = set(sys.argv[1:split]), sys.argv[split + 1:]
    tree = Tree()
    for path in paths:
        doc = Document(path)
        for kind, check in CHECKS.items():
            for n, what in sorted(set(check(doc, tree, words))):
                print(f"{kind}\t{path}:{n}: {what}")


main()
