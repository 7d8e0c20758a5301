"""Read ``form.toml``. The only module that knows the file's shape; all mistakes come at once."""

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from reportgen import rules
from reportgen.errors import FormError
from reportgen.fieldtypes import FIELD_TYPES
from reportgen.finding import Place
from reportgen.form import (
    AVERAGE,
    GBT_NUMBERING,
    MAX_LEVEL,
    NUMBER_TYPES,
    Check,
    Document,
    Field,
    Form,
    GridRow,
    Section,
    Summary,
)
from reportgen.formcheck import FormNames
from reportgen.formkeys import Keys
from reportgen.formparts import keys_of
from reportgen.headings import narrow
from reportgen.numerals import is_pattern
from reportgen.tomltext import TomlError, parse_toml
from reportgen.workbook.layout import CORNER, heading_key, spellings

FILE_NAME = "form.toml"
_KINDS = ("record", "grid", "table", "outline")
_LEVELS = ("error", "warning", "note")
#: ``tolerance = "尾差"``: as much as rounding to the last printed digit can add up to.
ROUNDING_TAIL = "尾差"
_TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\]|^[_']|'$")
_MAX_TITLE = 31

_TYPE_KEYS = frozenset({"choices", "pattern", "places", "uom", "minimum", "maximum", "total"})


def load_form(folder: Path) -> Form:
    """Return the form in *folder*.

    Raises:
        FormError: there is no ``form.toml``, or it has mistakes; all of them are its findings.
    """
    path = folder / FILE_NAME
    data = _parse(path)
    reader = _Reader(f"{folder.name}/{FILE_NAME}")
    form = reader.form(data, folder)
    if reader.findings:
        raise FormError(reader.findings)
    return form


def _parse(path: Path) -> dict[str, Any]:
    place = Place(file=f"{path.parent.name}/{FILE_NAME}")

    def unreadable(what: str, hint: str) -> FormError:
        return FormError([rules.FORM_UNREADABLE.at(place, what=what, hint=hint)])

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise unreadable("这个文件夹里没有 form.toml", "请核对表单的文件夹。") from error
    except UnicodeDecodeError as error:
        raise unreadable("文件不是 UTF-8 编码", "请在编辑器里另存为 UTF-8。") from error
    except OSError as error:
        raise unreadable("文件读不了", "请检查权限。") from error
    try:
        return parse_toml(text)
    except TomlError as error:
        raise unreadable(error.what, error.hint) from error


class _Reader(Keys):
    """Puts the form together, table by table."""

    def form(self, data: Mapping[str, Any], folder: Path) -> Form:
        self.keys(data, keys_of("top"))
        self.where = "[form]"
        head = self.table(data, "form")
        self.keys(head, keys_of("form"))
        sections = tuple(self.section(t) for t in self.tables(data, "section"))
        computed = tuple(self.computed(t) for t in self.tables(data, "computed"))
        checks = tuple(self.check(t) for t in self.tables(data, "check"))
        summaries = tuple(self.summary(t) for t in self.tables(data, "summary"))
        documents = tuple(self.document(t) for t in self.tables(data, "document"))
        self.where = "[form]"
        form = Form(
            id=self.text(head, "id", required=True),
            title=self.text(head, "title", required=True),
            version=self.text(head, "version", required=True),
            unit=self.text(head, "unit", required=True),
            code=self.text(head, "code"),
            deadline=self.day(head, "deadline"),
            contact=self.text(head, "contact"),
            folder=folder,
            sections=sections,
            computed=computed,
            checks=checks,
            summaries=summaries,
            documents=documents,
        )
        if not sections:
            self.say(
                rules.FORM_MISSING, value="[[section]]", hint="一张表单至少有一个 [[section]]。"
            )
        return self.whole(form) if self.is_whole else form

    def whole(self, form: Form) -> Form:
        """Check what its parts say of each other, and parse its expressions."""
        names = FormNames(self, form)
        names.check_collisions()
        names.check_references()
        return names.with_expressions()

    def section(self, table: Mapping[str, Any]) -> Section:
        label = self.text(table, "label", required=True, where="[[section]]")
        self.where = f"[[section]] {label}"
        self.keys(table, keys_of("section"))
        self.label(label)
        length = len(label.encode("utf-16-le")) // 2  # as Excel counts
        if length > _MAX_TITLE or _TITLE_FORBIDDEN.search(label) or label.lower() == "history":
            self.say(
                rules.FORM_VALUE, key="label", value=label, what="不能作工作表的名称",
                hint="最多 31 个字，不能有 [ ] : * ? / \\，不能以 _ 开头，不能以 ' 开头或结尾。",
            )  # fmt: skip
        kind = self.choice(table, "kind", _KINDS)
        if kind not in {"table", "outline"}:
            self.absent(table, ("empty",), "只有 table 和 outline 才会一行也没有")
        uom = self.text(table, "uom")
        fields: tuple[Field, ...]
        rows: tuple[GridRow, ...] = ()
        if kind == "outline":
            fields = self.outline_fields(table)
        elif kind == "grid":
            self.absent(table, ("fields",), "表格的列写在 columns 里")
            fields = self.fields(table, "columns", label, uom, default="decimal")
            rows = self.rows(table, label)
        else:
            self.absent(table, ("columns", "rows"), "填报项写在 fields 里")
            fields = self.fields(table, "fields", label, uom, default="text")
        for one in fields if kind != "table" else ():
            for key in ("unique", "group"):
                if getattr(one, key):
                    self.where = f"{label} › {one.label}"
                    self.absent({key: 1}, (key,), '只有 kind = "table" 才能用')
            if kind == "grid" and CORNER in map(heading_key, one.was):
                self.where = f"{label} › {one.label}"
                what = "不能作以前的名称：工作表里行的名称上面写的就是它"
                self.say(rules.FORM_VALUE, key="was", value=CORNER, what=what, hint="请去掉它。")
        self.where = f"[[section]] {label}"
        if kind != "outline":
            self.absent(table, ("numbering", "start"), '只有 kind = "outline" 才能用')
        numbering, start = self.numbering(table)
        return Section(
            label=label, kind=kind, fields=fields, rows=rows, hint=self.text(table, "hint"),
            when=self.text(table, "when"), numbering=numbering, start=start,
            empty=self.text(table, "empty"), was=self.old_names(table),
        )  # fmt: skip

    def numbering(self, table: Mapping[str, Any]) -> tuple[tuple[str, ...], int]:
        numbering = self.texts(table, "numbering") or GBT_NUMBERING
        for pattern in numbering:
            if not is_pattern(pattern):
                self.say(
                    rules.FORM_VALUE, key="numbering", value=f"“{pattern}”", what="要有一个序号字",
                    hint="例如 一、（一） 1. （1） ①。",
                )  # fmt: skip
        start = self.integer(table, "start", range(1, MAX_LEVEL + 1), "级") or 1
        levels = MAX_LEVEL if len(numbering) == MAX_LEVEL else start - 1 + len(numbering)
        if levels > MAX_LEVEL or len(numbering) > MAX_LEVEL:
            self.say(
                rules.FORM_VALUE, key="numbering", value=f"{len(numbering)} 级", what="太多",
                hint=f"文档最多四级，从第 {start} 级起还有 {MAX_LEVEL + 1 - start} 级。",
            )  # fmt: skip
        return numbering, start

    def outline_fields(self, table: Mapping[str, Any]) -> tuple[Field, ...]:
        self.absent(
            table, ("fields", "columns", "rows", "uom"), "outline 的三列是固定的：级、标题、正文"
        )
        return (
            Field(label="级", type="integer", minimum=Decimal(1), maximum=Decimal(MAX_LEVEL), total=False,
                  hint="标题的级，1 最高；没有标题的段落不用填", example="1"),
            Field(label="标题", hint="序号由程序编，不用填；没有标题就留空，只写正文"),
            Field(label="正文", type="narrative", hint="单元格内换行（Alt+Enter）就是另起一段"),
        )  # fmt: skip

    def fields(
        self, table: Mapping[str, Any], key: str, section: str, uom: str, default: str
    ) -> tuple[Field, ...]:
        found = []
        for given in self.entries(table, key):
            entry = {"label": given} if isinstance(given, str) and key == "columns" else given
            if not isinstance(entry, dict):
                self.broken(key, entry, "不是一个填报项", '请写 { label = "…" }。')
                continue
            found.append(self.field(entry, section, uom, default))
        self.where = f"[[section]] {section}"
        if table.get(key, []) == []:
            self.say(rules.FORM_MISSING, value=key, hint="请至少写一个填报项。")
        self.twice([n for f in found for n in dict.fromkeys(spellings(f))])
        return tuple(found)

    def field(self, table: Mapping[str, Any], section: str, uom: str, default: str) -> Field:
        self.where = f"[[section]] {section}"
        label = self.text(table, "label", required=True)
        self.where = f"{section} › {label}"
        self.keys(table, keys_of("field"))
        self.label(label)
        was, choices = self.old_names(table), self.texts(table, "choices")
        self.twice(choices, narrow)
        formula = self.text(table, "formula")
        implied = "choice" if "choices" in table else "decimal" if formula else default
        kind = self.choice(table, "type", tuple(FIELD_TYPES), implied)
        if table.get("type", kind) != kind:  # one message for a misspelt type is enough
            table = {key: value for key, value in table.items() if key not in _TYPE_KEYS}
        own_uom = self.text(table, "uom") or (uom if kind == "decimal" else "")
        number = kind in NUMBER_TYPES
        total = table.get("total", True)
        if not isinstance(total, bool | str) or (table.get("total") and not number):
            self.say(
                rules.FORM_VALUE,
                key="total",
                value=total,
                what="不能用",
                hint="只有数才有合计；写 false 或一个公式。",
            )
        if kind == "choice" and table.get("choices", []) == []:
            self.say(rules.FORM_MISSING, value="choices", hint='type = "choice" 要列出可选项。')
        if kind != "choice":
            self.absent(table, ("choices",), '有可选项的填报项是 type = "choice"')
        if kind not in {"text", "narrative"}:
            self.absent(table, ("pattern",), "只有文字才有写法")
        if not number:
            self.absent(table, ("places", "uom"), "只有数才有计量单位和小数位数")
        if formula and not number:
            self.say(
                rules.FORM_VALUE,
                key="type",
                value=kind,
                what="不能有 formula",
                hint="公式只能算出数。",
            )
        minimum, maximum = self.limit(table, "minimum", kind), self.limit(table, "maximum", kind)
        if minimum is not None and maximum is not None and minimum > maximum:  # type: ignore[operator]
            self.say(
                rules.FORM_VALUE, key="minimum", value=minimum, what=f"比 maximum（{maximum}）大",
                hint="请核对。",
            )  # fmt: skip
        return Field(
            label=label, type=kind, uom=own_uom, group=self.text(table, "group"),
            hint=self.text(table, "hint"), example=self.text(table, "example"),
            required=self.truth_or_text(table, "required"), when=self.text(table, "when"),
            unique=self.truth(table, "unique"), choices=choices, source=self.origin(table),
            minimum=minimum, maximum=maximum,
            pattern=self.pattern(table, "pattern"), places=self.places(table), blank=self.text(table, "blank"),
            formula=formula, total=total if isinstance(total, bool | str) else True,
            prior=self.truth_or_text(table, "prior"), was=was,
        )  # fmt: skip

    def rows(self, table: Mapping[str, Any], section: str) -> tuple[GridRow, ...]:
        found = []
        for entry in self.entries(table, "rows"):
            row = {"label": entry} if isinstance(entry, str) else entry
            if not isinstance(row, dict):
                self.broken("rows", entry, "不是一行", "请写行的名称。")
                continue
            self.where = f"[[section]] {section}"
            label = self.text(row, "label", required=True)
            self.where = f"{section} › {label}"
            self.keys(row, keys_of("row"))
            if label != "合计":
                self.label(label)
            found.append(
                GridRow(
                    label=label,
                    formula=self.text(row, "formula"),
                    hint=self.text(row, "hint"),
                    was=self.old_names(row),
                )
            )
        self.where = f"[[section]] {section}"
        if table.get("rows", []) == []:
            self.say(rules.FORM_MISSING, value="rows", hint="请至少写一行。")
        self.twice([n for r in found for n in (r.label, *r.was)])
        return tuple(found)

    def computed(self, table: Mapping[str, Any]) -> Field:
        label = self.text(table, "label", required=True, where="[[computed]]")
        self.where = f"[[computed]] {label}"
        self.keys(table, keys_of("computed"))
        self.label(label)
        return Field(
            label=label, type=self.choice(table, "type", tuple(FIELD_TYPES), "decimal"),
            formula=self.text(table, "formula", required=True), uom=self.text(table, "uom"),
            places=self.places(table), blank=self.text(table, "blank"), hint=self.text(table, "hint"),
            was=self.old_names(table),
        )  # fmt: skip

    def check(self, table: Mapping[str, Any]) -> Check:
        code = self.text(table, "code", required=True, where="[[check]]")
        self.where = f"[[check]] {code}"
        self.keys(table, keys_of("check"))
        each, alias = self.text(table, "each"), self.text(table, "as")
        rule, find = self.text(table, "rule"), self.pattern(table, "find")
        if "rule" in table and "find" in table:
            self.absent(table, ("find",), "rule 和 find 只写一个")
        elif not rule.strip() and "find" not in table:
            self.say(rules.FORM_MISSING, value="rule", hint="请写 rule（条件）或 find（文字）。")
        if "find" in table:
            self.absent(table, ("each", "as", "when", "tolerance"), "find 在文字里找，只能带 at")
        tail = table.get("tolerance") == ROUNDING_TAIL
        return Check(
            code=code, rule=rule, find=find, when=self.text(table, "when"),
            message=self.text(table, "message", required=True),
            level=self.choice(table, "level", _LEVELS, "error"), at=self.text(table, "at"),
            each=each, alias=alias or each, rounding_tail=tail,
            tolerance=None if tail else self.number(table, "tolerance"),
            explain=self.text(table, "explain"), source=self.text(table, "source"),
        )  # fmt: skip

    def summary(self, table: Mapping[str, Any]) -> Summary:
        label = self.text(table, "label", required=True, where="[[summary]]")
        self.where = f"[[summary]] {label}"
        self.keys(table, keys_of("summary"))
        self.label(label)
        choices, total = self.texts(table, "choices"), table.get("total", True)
        self.twice(choices, narrow)
        if total != AVERAGE and not isinstance(total, bool):
            self.say(
                rules.FORM_VALUE, key="total", value=total, what="不能用",
                hint=f'请写 true、false 或 "{AVERAGE}"。',
            )  # fmt: skip
        kind = self.choice(table, "type", tuple(FIELD_TYPES)) if "type" in table else ""
        return Summary(
            label=label, formula=self.text(table, "formula", required=True), type=kind,
            uom=self.text(table, "uom"), places=self.places(table), choices=choices,
            total=total if total == AVERAGE else bool(total),
        )  # fmt: skip

    def document(self, table: Mapping[str, Any]) -> Document:
        template = self.text(table, "template", required=True, where="[[document]]")
        self.where = f"[[document]] {template}"
        self.keys(table, keys_of("document"))
        each, alias = self.text(table, "each"), self.text(table, "as")
        if Path(template).is_absolute() or ".." in Path(template).parts:
            self.say(
                rules.FORM_VALUE,
                key="template",
                value=template,
                what="不在表单的文件夹里",
                hint="模板与 form.toml 放在一起。",
            )
        return Document(
            template=template, output=self.text(table, "output", required=True),
            when=self.text(table, "when"), each=each, alias=alias or each,
            scope=self.choice(table, "scope", ("unit", "batch"), "unit"),
        )  # fmt: skip
