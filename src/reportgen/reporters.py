"""Findings and results as text for people, lines for tools, JSON for programs."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from reportgen.finding import Finding, Severity
from reportgen.run import CopyResult, DocumentResult, News, Run

# what a terminal obeys, or shows in another order: a file's name or a heading may hold it
_ORDERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# √ × ● ※ are in GBK, the code page of a Chinese Windows console; ✓ ✗ are not
_STATUS = MappingProxyType(
    {
        "built": "√ 已生成",
        "unchanged": "= 没有变化",
        "kept": "※ 已被人改过，保留",
        "draft": "√ 草稿",
        "failed": "× 没有生成",
    }
)


_COPIES = MappingProxyType(
    {
        "built": "√ 退回件",
        "unchanged": "= 退回件没有变化",
        "kept": "※ 退回件已被人改过，保留",
        "failed": "× 退回件没有写成",
    }
)


class Reporter:
    """Writes a run as its news come: ``news`` for each piece, ``end`` for the whole."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """*write* takes text as it is to stand, line ends included."""
        self._write = write

    def news(self, news: News) -> None:
        """Write what became of a unit."""
        raise NotImplementedError

    def end(self, run: Run) -> None:
        """Write what is to be said of the whole run."""


class Text(Reporter):
    """For a person: each finding with its place and what to do, and what was made."""

    copies = "退回件"
    statuses: Mapping[str, str] = _STATUS

    def news(self, news: News) -> None:
        """Write the findings, then the documents and copies."""
        lines = [line for finding in news.findings for line in _finding(finding)]
        for document in news.documents:
            why = f"（{document.why}）" if document.why else ""
            lines.append(f"{self.statuses[document.status]}：{document.file or document.unit}{why}")
        for copy in news.copies:
            marks = f"标出 {copy.marks} 处" if copy.marks else "没有标记"
            said = _COPIES[copy.status].replace("退回件", self.copies)
            lines.append(f"{said}：{copy.file}（{marks}）")
        self._write("".join(line + "\n" for line in lines))

    def end(self, run: Run) -> None:
        """Write how to learn more, and the sums."""
        code = run.first.get(Severity.ERROR) or run.first.get(Severity.WARNING)
        more = f"说明：reportgen explain {code}\n" if code else ""
        units = "，".join(f"{status} {count}" for status, count in run.standings.items())
        listed = f"名单上的单位 {sum(run.standings.values())} 个：{units}。\n" if units else ""
        tables = "".join(f"汇总：{name}\n" for name in run.summaries)
        self._write(f"{more}{listed}{tables}{summary(run)}\n")


class Rehearsed(Text):
    """For a person who asks what a run would do."""

    statuses = MappingProxyType(
        {
            "built": "+ 会生成",
            "unchanged": "= 没有变化，不会动",
            "kept": "※ 已被人改过，新的会写在旁边",
            "draft": "+ 会生成草稿",
            "failed": "× 不会生成",
        }
    )

    def end(self, run: Run) -> None:
        """Write the sums, and that nothing was written."""
        would = run.counts["built"] + run.counts["draft"] - run.counts["unmade"]
        parts = [f"工作簿 {run.units} 份", f"会生成文档 {would} 份"]
        if run.counts["unchanged"]:
            parts.append(f"没有变化 {run.counts['unchanged']} 份")
        parts += [
            f"{level.label} {run.counts[level]} 处" for level in Severity if run.counts[level]
        ]
        self._write(f"试运行，什么也没有写。{'，'.join(parts)}。\n")


class Quiet(Text):
    """For a person who wants to hear only of what is to be put right."""

    def news(self, news: News) -> None:
        """Write errors and warnings that may not stand, and the documents that were not made."""
        levels = {Severity.ERROR, Severity.WARNING}
        wrong = [one for one in news.findings if one.level in levels and not one.stands]
        super().news(News(wrong, [one for one in news.documents if one.status == "failed"]))

    def end(self, run: Run) -> None:
        """Write the sums if anything is wrong."""
        if any(run.counts[level] for level in (Severity.ERROR, Severity.WARNING)):
            super().end(run)


class TemplateText(Text):
    """For a person who looks through templates."""

    copies = "标注的模板"


class ProofText(Text):
    """For a person who asks whether documents open."""

    statuses = MappingProxyType(
        {
            "unchanged": "√ 能打开，和生成时一样",
            "kept": "※ 能打开，生成后被人改过",
            "sound": "√ 能打开",
            "failed": "× 有问题",
        }
    )

    def end(self, run: Run) -> None:
        """Write how to learn more, and the sums."""
        counts = run.counts
        code = run.first.get(Severity.ERROR) or run.first.get(Severity.WARNING)
        more = f"说明：reportgen explain {code}\n" if code else ""
        parts = [f"Word 文档 {run.units} 份"]
        opens = sum(counts[status] for status in ("unchanged", "kept", "sound"))
        parts.append(f"能打开 {opens} 份")
        if counts["kept"]:
            parts.append(f"其中 {counts['kept']} 份生成后被人改过")
        parts += [f"{level.label} {counts[level]} 处" for level in Severity if counts[level]]
        self._write(f"{more}{'，'.join(parts)}。\n")


class Lines(Reporter):
    """A finding a line: ``file:sheet!cell: level code message hint``; in Word the place."""

    def news(self, news: News) -> None:
        """Write a line for each finding, document and copy."""
        lines = [_line(finding) for finding in news.findings]
        lines += [f"{d.file or d.unit}: {d.status}" for d in news.documents]
        lines += [f"{copy.file}: {copy.status}" for copy in news.copies]
        self._write("".join(line + "\n" for line in lines))


class Json(Reporter):
    """The JSON of design.md §4, version 1; the findings are written as they come."""

    def __init__(self, write: Callable[[str], object]) -> None:
        """*write* takes text."""
        super().__init__(write)
        self._begun = False
        self._documents: dict[tuple[str, str], DocumentResult] = {}
        self._copies: list[CopyResult] = []

    def news(self, news: News) -> None:
        """Write the findings; documents and copies stand behind the last of them."""
        for finding in news.findings:
            text = json.dumps(_plain_finding(finding), ensure_ascii=False, indent=2)
            self._write(",\n" if self._begun else '{\n"version": 1,\n"findings": [\n')
            self._write(text)
            self._begun = True
        for document in news.documents:  # one that is withdrawn comes again
            self._documents[document.unit, document.file] = document
        self._copies += news.copies

    def end(self, _run: Run) -> None:
        """Write the rest."""
        self._write("\n],\n" if self._begun else '{\n"version": 1,\n"findings": [],\n')
        documents = [_plain_document(document) for document in self._documents.values()]
        self._write(f'"documents": {_indented(documents)}')
        if self._copies:
            self._write(f',\n"copies": {_indented([asdict(copy) for copy in self._copies])}')
        self._write("\n}\n")


def summary(run: Run) -> str:
    """Return the last line of a run: units, documents, errors, warnings."""
    counts = run.counts
    made = counts["built"] + counts["unchanged"] - counts["unmade"]
    parts = [f"工作簿 {run.units} 份"]
    if run.forms:
        templates = {form.folder / d.template for form in run.forms for d in form.documents}
        parts = [f"表单 {len(run.forms)} 个", f"Word 模板 {len(templates)} 份"]
    if any(counts[status] for status in _STATUS):
        parts.append(f"文档 {made} 份")
    if counts["unchanged"] and counts["built"]:
        parts.append(f"其中 {counts['unchanged']} 份没有变化")
    parts += [f"{level.label} {counts[level]} 处" for level in Severity if counts[level]]
    parts += [f"有说明的警告 {counts['explained']} 处"] if counts["explained"] else []
    parts += [f"已核准 {counts['approved']} 处"] if counts["approved"] else []
    open_ = counts[Severity.ERROR] or counts[Severity.WARNING]
    if not (open_ or counts["explained"] or counts["approved"]):
        parts.append("没有发现问题")
    return "，".join(parts) + "。"


def findings_as_text(findings: Sequence[Finding]) -> str:
    """Return *findings* for a person, and how to learn more about the first that is to be put right."""
    lines = [line for finding in findings for line in _finding(finding)]
    for level in (Severity.ERROR, Severity.WARNING):
        codes = [f.code for f in findings if f.level is level and not f.stands]
        if codes:
            lines.append(f"说明：reportgen explain {codes[0]}")
            break
    return "".join(line + "\n" for line in lines)


def _finding(finding: Finding) -> list[str]:
    level = "已核准" if finding.is_approved else finding.level.label
    lines = [f"{level} {finding.code}  {finding.message}"]
    if str(finding.place):
        lines.append(f"  {finding.place}".replace("\n", " "))
    for one in finding.related:
        cell = f"（{one.sheet} › {one.cell}）" if one.cell else ""
        lines.append(f"  {one.field} = {one.value}{cell}")
    if finding.difference:
        lines.append(f"  相差 {finding.difference}")
    if finding.hint.strip() and not finding.is_approved:
        lines.append(f"  改法：{finding.hint}")
    if finding.explanation:
        lines.append(f"  {_explanation(finding)}")
    return [_ORDERS.sub("?", line) for line in lines]


def _explanation(finding: Finding) -> str:
    """Return in one line why a finding may stand, or what the unit says of an error."""
    said = " ".join(finding.explanation.split())
    return said if finding.is_approved else f"单位说明：{said}" if said else ""


def _line(finding: Finding) -> str:
    place = finding.place
    where = f"{place.sheet}!{place.cell}" if place.cell else place.sheet or place.field
    head = ":".join(part for part in (place.file, where) if part)
    parts = (finding.message, finding.hint, _explanation(finding))
    said = " ".join(part for part in parts if part)
    return _ORDERS.sub("?", f"{head}: {finding.level} {finding.code} {said}".replace("\n", " "))


def _indented(data: Sequence[object]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def _plain_finding(finding: Finding) -> dict[str, Any]:
    place = finding.place
    return {
        "code": finding.code,
        "level": str(finding.level),
        "file": place.file,
        "sheet": place.sheet,
        "cell": place.cell,
        "field": place.field,
        "value": finding.value,
        "message": finding.message,
        "hint": finding.hint,
        "difference": finding.difference,
        "explanation": finding.explanation,
        "related": [
            {"sheet": r.sheet, "cell": r.cell, "field": r.field, "value": r.value}
            for r in finding.related
        ],
    }


def _plain_document(document: DocumentResult) -> dict[str, str]:
    why = {"why": document.why} if document.why else {}
    return {"unit": document.unit, "file": document.file, "status": document.status, **why}


#: ``--format`` → how a run is written to stdout.
REPORTERS: Mapping[str, type[Reporter]] = MappingProxyType(
    {"text": Text, "lines": Lines, "json": Json}
)


def formats() -> Sequence[str]:
    """Return the names of the formats."""
    return tuple(REPORTERS)
