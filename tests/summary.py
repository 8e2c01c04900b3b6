#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts what the tests of a run left behind: summary.py FOLDER

Reads every *.tap (unit tests, sanitizers) and *.xml (pytest's JUnit) under FOLDER.
Prints what failed with its output, what was measured (record_property("figure", …)), why tests
were skipped, and one closing line.
Exit 1 when something failed.
"""

import pathlib
import re
import sys
import xml.etree.ElementTree as ET

POINT = re.compile(r"(not )?ok\b[ \d]*-? *(.*?)(?: *# *SKIP\b *(.*))?$")


def read_tap(path):
    """Yields (verdict, name, text) of a TAP file; text is the reason or the output."""
    verdict, name, text = None, None, []
    for line in path.read_text(errors="replace").splitlines():
        point = POINT.match(line)
        if not point:
            if verdict == "failed" and not line.startswith("#"):
                text.append(line)
            continue
        if verdict:
            yield verdict, name, "\n".join(text)
        failed, name, reason = point.groups()
        verdict = "skipped" if reason is not None else "failed" if failed else "passed"
        name = f"{path.stem}: {re.sub(r' *[(][0-9.]+s[)]$', '', name)}"
        text = [reason] if reason else []
    if verdict:
        yield verdict, name, "\n".join(text)


def read_junit(path):
    """Yields (verdict, name, text) of pytest's JUnit file."""
    for case in ET.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname', '')}::{case.get('name')}"
        bad = [*case.findall("failure"), *case.findall("error")]
        skip = case.find("skipped")
        if bad:
            output = [case.findtext("system-out"), case.findtext("system-err")]
            yield "failed", name, "\n".join([*(b.text or b.get("message") for b in bad), *filter(None, output)])
        elif skip is not None:
            yield "skipped", name, skip.get("message", "")
        else:
            yield "passed", name, ""


def figures(path):
    """What the tests of a JUnit file measured, as texts."""
    if path.suffix != ".xml":
        return []
    return [p.get("value") for p in ET.parse(path).getroot().iter("property") if p.get("name") == "figure"]


def print_failures(path, failures):
    """What a unit test program printed says more than its TAP, which lacks the sanitizers' words."""
    log = path.with_suffix(".log")
    printed = log.read_text(errors="replace").strip() if failures and log.exists() else ""
    for name, text in failures:
        print(f"\nFAILED {name}" if printed else f"\nFAILED {name}\n{text}".rstrip())
    if printed:
        print(printed)


def main(folder):
    passed, failed, skips, measured = 0, 0, [], []
    readers = {".tap": read_tap, ".xml": read_junit}
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.suffix in readers):
        results = list(readers[path.suffix](path))
        failures = [(name, text) for verdict, name, text in results if verdict == "failed"]
        print_failures(path, failures)
        skips += [(name, text) for verdict, name, text in results if verdict == "skipped"]
        failed += len(failures)
        passed += sum(verdict == "passed" for verdict, _, _ in results)
        measured += figures(path)
    for text in measured:
        print(f"measured {text}")
    for name, reason in skips:
        print(f"skipped {name}: {reason or 'no reason given'}")
    print(f"{passed} passed, {failed} failed, {len(skips)} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
