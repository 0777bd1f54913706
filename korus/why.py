"""What `make` would run now, and because of which file: `make why`. Standard library only.

Reads two dry runs of make with --trace from standard input: one in which a rerun notebook changes
none of its outputs, and one, after the line `-- supposing …`, in which it changes all of them. The
first shows what is sure to run, the second what may follow.
"""

import os
import re
import sys

UPDATE = re.compile(r"^\S*?:\d+: update target '([^']+)' due to: (.*)$")
MISSING = re.compile(r"^\S*?:\d+: target '([^']+)' does not exist")
ERROR = re.compile(r"^make.*\*\*\* (.*?)(?:\s+Stop\.)?$")
DONE = re.compile(r"^_build/[^/]+/done/(.+)$")
SHOWN = 4


def causes(lines) -> dict[str, list[str]]:
    """Each target a dry run would make, in order, with the files that make it do so."""
    found = {}
    for line in lines:
        if match := UPDATE.match(line):
            found.setdefault(match[1], match[2].split())
        elif match := MISSING.match(line):
            found.setdefault(match[1], [])
    return found


def task(target: str) -> str | None:
    """What a reader calls a target that does something; None for one that only follows."""
    if match := DONE.match(target):
        return "values.csv" if match[1] == "values" else match[1]
    if target.endswith("/index.html"):
        return "the pages"
    if target.endswith("/korus.pdf"):
        return "the PDF"
    if target.endswith("raw-verified"):
        return "verifying data/raw"
    if target.endswith("parameters-checked"):
        return "checking the parameters"
    if target.endswith("korus-ready"):
        return "installing the environment"
    return None


def reasons(target: str, because: list[str], made: set[str]) -> list[str]:
    """Why a target would be made, in words. `made` are the targets of the same dry run."""
    if not os.path.exists(target):
        return ["it has not been done yet"]
    files = [name for name in because if name not in ("FORCE", "do-all")]
    said = []
    if "FORCE" in because:
        said.append("an output is missing")
    if any(name.endswith("commit.txt") for name in files):
        said.append("the commit or the state of the working tree changed")
    named = [name for name in files if not name.endswith("commit.txt")]
    for name in named[:SHOWN]:
        if name in made:
            said.append(f"{name} is made anew")
        elif os.path.isdir(name):
            said.append(f"a file was added to or removed from {name}")
        else:
            said.append(f"{name} is newer")
    if len(named) > SHOWN:
        said.append(f"{len(named) - SHOWN} more files are newer")
    return said


def follow(sure: dict[str, list[str]], supposed: dict[str, list[str]]) -> list[str]:
    """Tasks that run only if something changes, in order: what in `supposed` follows from `sure`.

    An output older than its notebook's last run is in every dry run; it counts only when that
    notebook itself would run.
    """
    reached, result = set(sure), []
    for target, because in supposed.items():
        if target in sure:
            continue
        if reached & set(because):
            reached.add(target)
            if task(target):
                result.append(task(target))
    return result


def explanation(text: str) -> str:
    """The answer of `make why` to the text of the two dry runs."""
    first, _, second = text.partition("-- supposing")
    problem = next((m[1] for line in first.splitlines() if (m := ERROR.match(line))), None)
    if problem:
        return f"make would stop: {problem}"
    everything = causes(first.splitlines())
    sure = {target: because for target, because in everything.items()
            if task(target) or target.endswith("commit.txt")}
    lines = [
        f"{task(target)} would run: {'; '.join(reasons(target, because, set(everything)))}"
        for target, because in sure.items() if task(target)
    ]
    later = follow(sure, causes(second.splitlines()))
    if later:
        lines.append(f"then, only if what it reads changes: {', '.join(later)}")
    return "\n".join(lines) or "nothing would run"


if __name__ == "__main__":
    print(explanation(sys.stdin.read()))
