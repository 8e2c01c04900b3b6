# SPDX-License-Identifier: Apache-2.0
"""Reading the text that Prometheus reads."""

import re

_LINE = re.compile(r'(?P<name>[a-zA-Z_:][\w:]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)')
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def total(text, name, /, **labels):
    """The sum of all series of this name that have these labels."""
    result = 0.0
    for line in text.splitlines():
        if not line.startswith(name):
            continue
        series = _LINE.fullmatch(line)
        if series["name"] == name and labels.items() <= dict(_LABEL.findall(series["labels"] or "")).items():
            result += float(series["value"])
    return result
