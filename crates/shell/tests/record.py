#!/usr/bin/env python3
"""Writes the expectations of tests/cases/*.console by running the scripts in real shells.

    record.py [FILE...]        (all files by default)

Needs bash, dash, busybox and GNU coreutils, and root in a throw-away system: every case runs in
/tmp/case, which is emptied before each.

A file holds cases. `# ` begins a remark; `#! bash busybox` says which shells the cases after it
are for (bash, dash, busybox). A script begins with `$ ` and goes on in lines that begin with `> `.
What follows is rewritten: `= bash dash` names shells that answered alike, then come the lines of
their output (standard output and error together) behind two blanks, `[no newline at end]` and
`[exit N]`. A line `! busybox: why` above `=` says that the simulation knowingly differs.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

DIRECTORY = "/tmp/case"
BANNER = "BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary."


def applets() -> str:
    """A directory with a link for every applet of busybox."""
    directory = tempfile.mkdtemp()
    for name in subprocess.run(["busybox", "--list"], capture_output=True, text=True).stdout.split():
        os.symlink(shutil.which("busybox"), f"{directory}/{name}")
    return directory


def commands():
    sh = tempfile.mkdtemp()
    os.symlink(shutil.which("dash"), f"{sh}/sh")
    return {
        "bash": ("bash", "/usr/bin:/bin"),
        "dash": ("sh", f"{sh}:/usr/bin:/bin"),
        "busybox": ("sh", applets()),
    }


def run(shell, script):
    name, path = SHELLS[shell]
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os.mkdir(DIRECTORY)
    environment = {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8", "TZ": "UTC"}
    program = shutil.which(name, path=path)
    done = subprocess.run(
        [name, "-c", script], executable=program, cwd=DIRECTORY, env=environment, timeout=20,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    text = done.stdout.decode("utf-8", "backslashreplace").replace(path, "/bin")
    lines = [BANNER if line.startswith("BusyBox v") else line for line in text.split("\n")]
    answer = ["  " + line for line in lines]
    if answer[-1] == "  ":
        answer.pop()
    elif answer:
        answer.append("[no newline at end]")
    if done.returncode != 0:
        code = done.returncode if done.returncode > 0 else 128 - done.returncode
        answer.append(f"[exit {code}]")
    return "\n".join(answer)


def record(path):
    shells, output, script = ["bash", "dash", "busybox"], [], []
    known = []

    def finish():
        if not script:
            return
        output.extend(known)
        answers = {}
        for shell in shells:
            answers.setdefault(run(shell, "\n".join(script)), []).append(shell)
        for answer, alike in answers.items():
            output.append("= " + " ".join(alike))
            if answer:
                output.append(answer)
        script.clear()
        known.clear()

    for line in path.read_text().splitlines():
        if line.startswith("$ "):
            finish()
            script.append(line[2:])
            output.append(line)
        elif line.startswith("> ") or line == ">":
            script.append(line[2:])
            output.append(line)
        elif line.startswith("! "):
            known.append(line)
        elif line.startswith("#") or not line:
            finish()
            if line.startswith("#! "):
                shells = line[3:].split()
            output.append(line)
    finish()
    path.write_text("\n".join(output).rstrip("\n") + "\n")


SHELLS = commands()
here = Path(__file__).parent / "cases"
for name in sys.argv[1:] or sorted(here.glob("*.console")):
    record(Path(name))
