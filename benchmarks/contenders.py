"""Ways from the same workbooks to documents of the same words: ours, a plain script, the floor."""

import pickle
import shutil
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import naive
from benchmarks.content import MARKS, Fixture, words
from benchmarks.floor import Floor, read
from benchmarks.promised import Promised
from benchmarks.recorded import fixed_texts, record
from benchmarks.units import copies
from reportgen import load_form, write_workbook
from reportgen.form import Form
from reportgen.output import OutputFolder
from reportgen.project import Forms
from reportgen.run import Run
from reportgen.standing import NOTHING_APPROVED
from reportgen.teller import Teller
from reportgen.unit import Job, Settings, do
from reportgen.values import from_plain
from reportgen.workers import spare_the_collector
from reportgen.writing import Writing

SHIPPED = Path(__file__).parent.parent / "templates" / "self-evaluation"
_NAME, _CODE = "示例区征地服务中心（示例）", "001001"
_SHIPPED_MARKS = {_NAME: f"{_NAME}{{:05}}", _CODE: "9{:05}"}
OURS, PLAIN, FLOOR = "reportgen", "plain script", "floor"
PROMISED = "floor that keeps the promises"

#: Builds the documents of the workbook at a path and returns where they are.
Build = Callable[[Path], Sequence[Path]]


@dataclass(frozen=True, slots=True)
class Contenders:
    """The ways, by name, and the workbooks of several units that they may be given."""

    ours: "Ours"
    ways: Mapping[str, Build]
    units: Sequence[Path]


class Ours:
    """What a batch does for each unit, in this process: nothing is left out, templates stay open.

    That is to read the workbook, to check everything, to render, to verify, to note what the
    summary needs, and to write documents and manifest.
    """

    def __init__(self, form: Form, output: Path) -> None:
        self._output = output
        self._settings = Settings(forms=Forms(given=str(form.folder)))
        self._sent = pickle.dumps(self._settings)
        self._open()
        spare_the_collector()  # as the processes of a batch do

    def build(self, workbook: Path) -> list[Path]:
        """Write the documents of *workbook*.

        Raises:
            ValueError: there is none, or anything is wrong.
        """
        todo, job = self._writing.todo(workbook)
        result = do(self._sent, job) if isinstance(job, Job) else job
        self._writing.finish(todo, result, fresh=True)
        if result.findings or not result.documents:
            raise ValueError(result.findings)
        return [self._output / document.name for document in result.documents]

    def empty(self) -> None:
        """Let all documents be built anew."""
        self._folder.close()
        shutil.rmtree(self._output)
        self._open()

    def _open(self) -> None:
        self._folder = OutputFolder.open(self._output)
        teller = Teller(Run(), (), NOTHING_APPROVED, self._settings.forms)
        self._writing = Writing(self._folder, None, self._settings, teller, force=True)


def of_the_report(folder: Path, count: int) -> tuple[Fixture, Contenders]:
    """Return the contenders for the benchmarks' own report and *count* units, below *folder*."""
    fixture = Fixture.make(folder)
    ours = Ours(fixture.form, folder / "ours")
    template = fixture.templates["docxtpl"]
    plain, least, floor = folder / "plain.docx", folder / "floor.docx", Floor(template)

    def build_plain(workbook: Path) -> list[Path]:
        naive.build(workbook, template, plain)
        return [plain]

    def build_floor(workbook: Path) -> list[Path]:
        rows = read(workbook, naive.SHEETS)
        filled = {title: found[naive.ABOVE :] for title, found in rows.items()}
        least.write_bytes(floor.render(naive.context(filled)))
        return [least]

    promised = Promised(template, folder / "promised")
    ways = {OURS: ours.build, PLAIN: build_plain, FLOOR: build_floor, PROMISED: promised.build}
    units = copies(fixture.workbook, folder / "units", count, MARKS)
    return fixture, Contenders(ours, ways, units)


def shipped(folder: Path) -> tuple[Form, Path]:
    """Return the shipped form, and the workbook of its first sample, written below *folder*."""
    form = load_form(SHIPPED)
    values = tomllib.loads((SHIPPED / "sample.toml").read_text(encoding="utf-8"))
    workbook = folder / "样例.xlsx"
    workbook.write_bytes(write_workbook(form, from_plain(values, form)))
    return form, workbook


def of_the_shipped_form(folder: Path, count: int) -> Contenders:
    """Return the contenders for the shipped form's first sample: one workbook, four documents.

    The plain script and the floor are spared what a template has of loops and names: each prints
    what it was told of the first unit, into templates recorded from our documents.
    """
    form, workbook = shipped(folder)
    units = copies(workbook, folder / "units", count, _SHIPPED_MARKS)
    ours = Ours(form, folder / "ours")
    recorded, fixed = [], fixed_texts(SHIPPED)
    for number, document in enumerate(ours.build(units[0])):
        target = folder / f"{number}.docx"
        recorded.append((target, {"v": record(document, fixed, target)}))
    floors = [Floor(template) for template, _ in recorded]
    titles = [section.label for section in form.sections]

    def build_plain(workbook: Path) -> list[Path]:
        naive.load(workbook)
        made = []
        for number, (template, context) in enumerate(recorded):
            made.append(folder / f"plain{number}.docx")
            naive.fill(template, context, made[-1])
        return made

    def build_floor(workbook: Path) -> list[Path]:
        read(workbook, titles)
        made = []
        for number, (floor, (_, context)) in enumerate(zip(floors, recorded, strict=True)):
            made.append(folder / f"floor{number}.docx")
            made[-1].write_bytes(floor.render(context))
        return made

    return Contenders(ours, {OURS: ours.build, PLAIN: build_plain, FLOOR: build_floor}, units)


def say_the_same(ways: Mapping[str, Build], workbook: Path) -> None:
    """Build *workbook* every way.

    Raises:
        ValueError: the documents of two ways differ in their words, so that no comparison is fair.
    """
    ours = [words(path) for path in ways[OURS](workbook)]
    for name, build in ways.items():
        if [words(path) for path in build(workbook)] != ours:
            raise ValueError(name)
