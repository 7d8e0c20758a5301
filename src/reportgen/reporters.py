"""Findings and results as text for people, lines for tools, JSON for programs."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from reportgen.batch import DocumentResult, Run
from reportgen.finding import Finding, Severity

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


def as_text(run: Run) -> str:
    """Return *run* for a person: each finding with its place and what to do, then the results."""
    lines: list[str] = []
    for document in run.documents:
        what = document.file or document.unit
        lines.append(f"{_STATUS[document.status]}：{what}")
    for copy in run.copies:
        marks = f"标出 {copy.marks} 处" if copy.marks else "没有标记"
        said = _COPIES[copy.status]
        said = said.replace("退回件", "标注的模板") if run.forms else said
        lines.append(f"{said}：{copy.file}（{marks}）")
    lines.append(summary(run))
    return findings_as_text(run.findings) + "\n".join(lines) + "\n"


def summary(run: Run) -> str:
    """Return the last line of a run: units, documents, errors, warnings."""
    counts = {
        level: sum(f.level is level and not f.stands for f in run.findings) for level in Severity
    }
    explained = sum(f.stands and not f.is_approved for f in run.findings)
    approved = sum(f.is_approved for f in run.findings)
    made = sum(d.status in {"built", "unchanged"} for d in run.documents)
    parts = [f"工作簿 {run.units} 份"]
    if run.forms:
        templates = {form.folder / d.template for form in run.forms for d in form.documents}
        parts = [f"表单 {len(run.forms)} 个", f"Word 模板 {len(templates)} 份"]
    if run.documents:
        parts.append(f"文档 {made} 份")
    parts += [f"{level.label} {counts[level]} 处" for level in Severity if counts[level]]
    parts += [f"有说明的警告 {explained} 处"] if explained else []
    parts += [f"已核准 {approved} 处"] if approved else []
    if not (counts[Severity.ERROR] or counts[Severity.WARNING] or explained or approved):
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
        lines.append(f"  {finding.place}")
    for one in finding.related:
        cell = f"（{one.sheet} › {one.cell}）" if one.cell else ""
        lines.append(f"  {one.field} = {one.value}{cell}")
    if finding.difference:
        lines.append(f"  相差 {finding.difference}")
    if finding.hint.strip() and not finding.is_approved:
        lines.append(f"  改法：{finding.hint}")
    if finding.explanation:
        lines.append(f"  {_explanation(finding)}")
    return lines


def _explanation(finding: Finding) -> str:
    """Return in one line why a finding may stand, or what the unit says of an error."""
    said = " ".join(finding.explanation.split())
    return said if finding.is_approved else f"单位说明：{said}" if said else ""


def as_lines(run: Run) -> str:
    """Return one finding a line: ``file:sheet!cell: level code message hint``; in Word the place."""
    out = []
    for finding in run.findings:
        place = finding.place
        where = f"{place.sheet}!{place.cell}" if place.cell else place.sheet or place.field
        head = ":".join(part for part in (place.file, where) if part)
        parts = (finding.message, finding.hint, _explanation(finding))
        said = " ".join(part for part in parts if part)
        out.append(f"{head}: {finding.level} {finding.code} {said}".replace("\n", " "))
    out += [f"{d.file or d.unit}: {d.status}" for d in run.documents]
    out += [f"{copy.file}: {copy.status}" for copy in run.copies]
    return "".join(line + "\n" for line in out)


def as_json(run: Run) -> str:
    """Return *run* as the JSON of design.md §4, version 1."""
    data = {
        "version": 1,
        "findings": [_plain_finding(finding) for finding in run.findings],
        "documents": [_plain_document(document) for document in run.documents],
    }
    if run.copies:
        data["copies"] = [asdict(copy) for copy in run.copies]
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


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
    return {"unit": document.unit, "file": document.file, "status": document.status}


#: ``--format`` → how a run is written to stdout.
REPORTERS: Mapping[str, Callable[[Run], str]] = MappingProxyType(
    {"text": as_text, "lines": as_lines, "json": as_json}
)


def formats() -> Sequence[str]:
    """Return the names of the formats."""
    return tuple(REPORTERS)
