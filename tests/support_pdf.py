"""A program that stands in for LibreOffice: it does with a document what the document says."""

import subprocess

from reportgen.pdf.converter import Limits

#: The first words of a document are what happens to it; anything else becomes a PDF of its words.
FAKE = r"""#!/bin/sh
[ "$1" = --version ] && { echo "LibreOffice 1.2.3.4 abc"; exit 0; }
echo "$@" >> "$0.calls"
count=0
for source in "$@"; do case $source in *.docx) count=$((count + 1)) ;; esac; done
for source in "$@"; do
  case $source in *.docx) ;; *) continue ;; esac
  words=$(cat "$source")
  pdf=${source%.docx}.pdf
  case $words in
    hang*) sleep 1000 & echo "$$ $!" >> "$0.pids"; wait ;;
    crash*) kill -9 $$ ;;
    nothing*) continue ;;
    garbage*) echo "$words" > "$pdf"; continue ;;
    alone*) [ $count -gt 1 ] && continue ;;
    slow*) printf '%%PDF-1.4\n' > "$pdf"; sleep 0.2 ;;
  esac
  printf '%%PDF-1.4\n%s\n%%%%EOF\n' "$words" > "$pdf"
done
"""
#: Short, so that a test of what hangs does not take long.
SHORT = Limits(first=1.5, each=0.5)


def fake_soffice(folder, script=FAKE):
    """Write the program ``soffice`` into *folder* and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "soffice"
    path.write_text(script)
    path.chmod(0o755)
    return path


def started(program):
    """Return the numbers of the processes that a hanging *program* noted."""
    noted = program.with_name(f"{program.name}.pids")
    return noted.read_text().split() if noted.exists() else []


def calls(program):
    """Return of each start of *program* the documents that it was given."""
    noted = program.with_name(f"{program.name}.calls").read_text().splitlines()
    return [[word for word in line.split() if word.endswith(".docx")] for line in noted]


def is_alive(process):
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", process], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()[:1] not in {"", "Z"}


def pdf_of(words):
    """Return the PDF that the program makes of a document of *words*."""
    return f"%PDF-1.4\n{words}\n%%EOF\n".encode()
