"""Redo the manual: the parts of its pages that the program says, the site, the Word document.

`make manual` runs this. The pages are in docs/manual; what is built of them is not committed: the
site for reading offline and 使用手册.docx are in docs/site.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.manual_word import build_word
from docs.reference import CONFIG, PAGES, ROOT, refreshed
from reportgen.reporters import findings_as_text

SITE = ROOT / "docs" / "site"
_SEARCH = ROOT / "docs" / "search_offline.js"
#: What the site's builder fetches from another computer, and what stands in for it.
_FETCHED = re.compile(r'<script src="?https://unpkg\.com/[^>]*></script>')


def main() -> None:
    """Write the generated parts of the pages, then what is built of the pages."""
    for path in sorted(PAGES.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        if (now := refreshed(text)) != text:
            path.write_text(now, encoding="utf-8")
            print(f"{path.name}: anew")
    shutil.rmtree(SITE, ignore_errors=True)
    build_site(SITE)
    word = build_word()
    for document in word.documents:
        (SITE / document.name).write_bytes(document.content)
    if word.findings:
        sys.exit(findings_as_text(word.findings))
    print(f"{SITE.relative_to(ROOT)}: open index.html, or the .docx beside it")


def build_site(site: Path) -> None:
    """Build the pages as a site in the new folder *site* that needs no network."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        shutil.copytree(PAGES, work / PAGES.name)
        config = shutil.copy(CONFIG, work)
        command = [sys.executable, "-m", "zensical", "build", "--strict", "-f", str(config)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        shutil.move(work / SITE.name, site)
    shutil.copy(_SEARCH, site / "assets" / "javascripts")
    for path in site.glob("*.html"):
        path.write_text(settled(path.read_text(encoding="utf-8")), encoding="utf-8")
    for path in site.glob("search.js*"):
        found = path.read_text(encoding="utf-8").replace("\\\\|", "|")
        path.write_text(found, encoding="utf-8")


def settled(html: str) -> str:
    """Return a page that fetches nothing; a bar in a table's code stands without the backslash."""
    script = f'<script src="./assets/javascripts/{_SEARCH.name}"></script>'
    html = _FETCHED.sub(script, html)
    return re.sub(r"<code>.*?</code>", lambda code: code[0].replace("\\|", "|"), html)


def fetched(folder: Path) -> list[str]:
    """Return what the pages in *folder* would fetch from the network."""
    loads = re.compile(r'(?:src=|<link[^>]* href=|url\()["\']?(https?://[^"\' )>]+)')
    files = [path for path in folder.rglob("*") if path.suffix in {".html", ".css"}]
    return [found for path in files for found in loads.findall(path.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    main()
