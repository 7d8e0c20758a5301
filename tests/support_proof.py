"""Every document that the tests build is proved to open: python-docx reads it, ``verify`` finds nothing.

A test's template may be rough; what ``verify`` says of it too is not held against its documents.
What reads as a tag or as a word of a program may be what a unit wrote (``TAG_LEFT_OVER`` tells).
"""

import io
from weakref import WeakKeyDictionary

from docx import Document

from reportgen import rules
from reportgen.output import OutputFolder
from reportgen.template import engine
from reportgen.template.sound import look

#: What is wrong with the documents that this test has built.
WRONG = []
_UNTOLD = {rules.NOT_FILLED_IN.code, rules.DOCUMENT_MORE.code}


def said(data):
    """Return what ``verify`` says of a document, without the places: a loop moves them."""
    return {(f.code, f.message) for f in look(data, "") if f.code not in _UNTOLD}


def prove(data, template=None):
    """Note what is wrong with the document *data* and not with its *template*."""
    wrong = said(data)
    if wrong and template is not None:
        wrong -= said(template)
    WRONG.extend(sorted(wrong))
    try:
        Document(io.BytesIO(data))
    except Exception as error:  # noqa: BLE001 - whatever it raises, it does not open
        if template is None or _opens(template):
            WRONG.append(repr(error))


def _opens(data):
    try:
        Document(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - see prove
        return False
    return True


def watch(monkeypatch):
    """Let each document be proved when it is rendered, or written where another process rendered it."""
    files = WeakKeyDictionary()
    made, render, save_all = engine.Template.__init__, engine.Template.render, OutputFolder.save_all
    proved = set()

    def init(self, path, *args, **more):
        made(self, path, *args, **more)
        files[self] = path.read_bytes()

    def rendered(self, *args, **more):
        document = render(self, *args, **more)
        if hash(document) not in proved:
            prove(document, files.get(self))
            proved.add(hash(document))
        return document

    def saved(self, contents):
        for one in contents:
            # a marked copy of a template has none: it is no document, and names styles of Word's own
            is_document = one.name.endswith(".docx") and one.facts.get("template")
            if is_document and hash(one.content) not in proved:
                prove(one.content)
                proved.add(hash(one.content))
        return save_all(self, contents)

    monkeypatch.setattr(engine.Template, "__init__", init)
    monkeypatch.setattr(engine.Template, "render", rendered)
    monkeypatch.setattr(OutputFolder, "save_all", saved)
