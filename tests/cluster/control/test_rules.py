# SPDX-License-Identifier: Apache-2.0
"""RULES.md is true: every rule has tests that exist, or a reason."""

import pathlib
import re

HERE = pathlib.Path(__file__).parent
TESTS = HERE.parents[1]
NAMED = re.compile(r"`([\w/]+\.(?:py|c))::(\w+)`")


def rules():
    """(rule, what is said of it) of every line of every table."""
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")]
             for line in (HERE / "RULES.md").read_text().splitlines() if line.startswith("|")]
    return [tuple(row) for row in cells if len(row) == 2 and row[0] not in ("rule", "defect")]


def exists(path, name):
    text = ((TESTS if "/" in path else HERE) / path).read_text()
    definition = rf"^Test\(\w+, {name}[,)]" if path.endswith(".c") else rf"^def {name}\("
    return re.search(definition, text, re.M)


def test_no_line_is_overlooked():
    lines = (HERE / "RULES.md").read_text().splitlines()
    tables = lines.count("|---|---|")
    assert tables == 4 and len(rules()) == sum(line.startswith("|") for line in lines) - 2 * tables


def test_every_rule_has_tests_or_a_reason():
    silent = [rule for rule, said in rules() if not NAMED.search(said) and not said.startswith("not tested: ")]
    assert silent == []


def test_every_test_that_is_named_exists():
    named = {name for _, said in rules() for name in NAMED.findall(said)}
    assert len(named) > 50
    assert [name for name in sorted(named) if not exists(*name)] == []
