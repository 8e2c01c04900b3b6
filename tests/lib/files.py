# SPDX-License-Identifier: Apache-2.0
"""Changing files that a running program reads."""

import os


def replace(path, text):
    """As editors and kubectl do: a new file under the old name, never half of it."""
    new = path.with_name(path.name + ".new~")
    new.write_text(text) if isinstance(text, str) else new.write_bytes(text)
    os.replace(new, path)
