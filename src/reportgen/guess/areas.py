"""A sheet → its parts: a title, pairs of a label and a value, tables under headings, remarks."""

import re
from dataclasses import dataclass, field
from datetime import date

from reportgen.guess.cells import Cells, Token, clean, is_label
from reportgen.guess.pairs import (
    INLINE,
    LONGEST_HEADING,
    Pair,
    heading_text,
    is_heading,
    opens_a_slot,
    pairs_in,
)
from reportgen.headings import narrow

_TOTAL = re.compile(
    r"^(?:本?页|本?表|全[年区县市省])?(?:(?:合|小|总|共)计|总分|总得分)(?:[(（:：].*)?$|^总合计$"
)
_REMARK = re.compile(
    r"^[（(]?(?:备注|注意|注\d*|说明|填表说明|填报说明)\s*[:：.、]|^注\d*\s|^\*|^※"
)
_FOOTER = re.compile(r"(?:人|长|审核|复核|制表|填表|负责|签字|盖章|日期|电话)[^:：]{0,6}[:：]")
_UOM_LINE = re.compile(
    r"^[（(]?(?:金额|计量|货币)?单位\s*[:：]\s*(?:人民币)?([^\s（）()]{1,6})[）)]?$"
)
_TITLE = re.compile(
    r"(表|册|单|账|统计|情况|汇总|报告|登记|明细|方案|计划|预算|决算)([（(].*[)）])?$"
)
_CONTENT = re.compile(r"^(填报|填写|具体)?(内容|情况|数值|数据|结果|答案|值)$")


@dataclass(slots=True)
class Column:
    """A column of a table: its heading, the upper band above it, and where it stands."""

    at: int
    label: str
    group: str = ""
    starred: bool = False


@dataclass(slots=True)
class Table:
    """A table: its headings, the rows below them by number, those that are totals, what is left out."""

    columns: list[Column]
    top: int
    bottom: int
    body: list[int] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)
    caption: str = ""
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Parts:
    """What was found on a sheet; ``uom`` is what a line 单位：万元 says; ``left`` was not understood."""

    title: str = ""
    uom: str = ""
    pairs: list[Pair] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    left: list[Token] = field(default_factory=list)


def parts_of(cells: Cells) -> Parts:
    """Return the parts of a sheet, from the top down."""
    return _Scan(cells).parts()


class _Scan:
    def __init__(self, cells: Cells) -> None:
        self.cells, self.found, self.caption = cells, Parts(), ""

    def parts(self) -> Parts:
        row = self.cells.next_filled(1)
        while row:
            end = self.take(row)
            row = self.cells.next_filled(max(end, row) + 1)
        if self.caption and not self.found.title:
            self.found.title = self.caption
        return self.found

    def take(self, row: int) -> int:
        """Take up what begins in *row*; return the last row of it."""
        tokens = self.cells.row(row)
        if self.inline(tokens):
            return row
        if len(tokens) == 1 and tokens[0].text and not self.has_value_below_label(tokens[0]):
            self.line(tokens[0])
            return row
        if pairs := pairs_in(self.cells, row):
            self.found.pairs += pairs
            return row
        table = self.table(row)
        if table and self.is_record(table):
            self.found.pairs += [self.pair(r, table) for r in (*table.body, *table.totals)]
            return table.bottom
        side = self.side_caption(tokens)
        if table and side and side.bottom == table.bottom == row + 1:
            self.found.pairs += self.above(table, heading_text(side))
            self.caption = ""
            return table.bottom
        if table:
            table.caption, self.caption = self.caption, ""
            self.found.tables.append(table)
            return table.bottom
        self.found.left += tokens
        return row

    def is_record(self, table: Table) -> bool:
        """Whether a table of two columns says in each row what it is and what was filled in."""
        if len(table.columns) != 2:
            return False
        names, values = (
            [t for r in table.body if (t := self.cells.at(r, c.at))] for c in table.columns
        )
        if _CONTENT.match(table.columns[1].label):
            return True
        labels = sum(token.says_label for token in names)
        kinds = {type(token.raw) for token in values}
        return labels * 2 > len(table.body) > 1 and str in kinds and len(kinds) > 1

    def pair(self, row: int, table: Table) -> Pair:
        name, value = (self.cells.at(row, column.at) for column in table.columns)
        label = heading_text(name) if name else ""
        return Pair(label, row, table.columns[1].at, token=value)

    def above(self, table: Table, group: str) -> list[Pair]:
        """Return the one row of a table as values under their labels."""
        return [
            Pair(c.label, r, c.at, token=self.cells.at(r, c.at), group=group)
            for r in table.body
            for c in table.columns
        ]

    def has_value_below_label(self, token: Token) -> bool:
        """Whether a single cell is a label with an empty cell beside it, in a form with others."""
        if token.text.endswith(("：", ":")) and is_label(token.text.rstrip("：:")):
            return True
        return (
            (token.says_label or opens_a_slot(self.cells, token))
            and bool(self.found.pairs)
            and token.right - token.column < 2
            and not _REMARK.match(token.text)
        )

    def line(self, token: Token) -> None:
        """Take a row that says one thing: a title, a caption, or a remark."""
        text = clean(token.text)
        found = self.found
        if _REMARK.match(text) or (len(text) > LONGEST_HEADING):
            (found.tables[-1].remarks if found.tables else found.remarks).append(text)
        elif not (found.tables or found.pairs) and (not found.title or _TITLE.search(text)):
            found.title = text
        else:
            self.caption = text

    def inline(self, tokens: list[Token]) -> bool:
        """Take a row whose cells say both label and value, 填报单位：甲局; whether it was one."""
        if not tokens or not all(token.text for token in tokens):
            return False
        found: list[Pair] = []
        for token in tokens:
            raw = str(token.raw).strip()
            if uom := _UOM_LINE.match(clean(raw)):
                self.found.uom = self.found.uom or uom[1]
                continue
            if _REMARK.match(clean(raw)):
                return False
            hits = list(INLINE.finditer(raw.replace("　", "  ")))
            if not hits or len(hits[0][1]) > 14:
                return False
            beside = self.cells.at(token.row, token.right + 1)
            if len(hits) == 1 and not hits[0][2] and (beside or len(tokens) == 1):
                return False  # the value stands in the next cell
            found += [
                Pair(clean(hit[1]), token.row, token.column, inline=(hit[2] or "").strip())
                for hit in hits
            ]
        self.found.pairs += found
        return True

    # -- tables ----------------------------------------------------------------

    def table(self, row: int) -> Table | None:
        """Return the table whose headings begin in *row*."""
        tokens = self.cells.row(row)
        side = self.side_caption(tokens)
        tokens = tokens[1:] if side else tokens
        if len(tokens) < 2 or not all(is_heading(token) for token in tokens):
            return None
        last = self.last_heading(row, tokens)
        columns = self.columns(row, last, side)
        if len(columns) < 2:
            return None
        table = Table(columns, row, last)
        if side:
            self.caption = heading_text(side)
        self.body(table, last + 1, side.bottom if side else self.cells.height)
        spread = sum(token.right - token.column + 1 for token in tokens)
        if not table.body and not table.totals and not (len(tokens) > 2 or spread > 3):
            return None
        return table

    def last_heading(self, row: int, tokens: list[Token]) -> int:
        """Return the last row of the headings that begin in *row*: three at most."""
        last = row
        while last < row + 2:
            below = self.cells.row(last + 1)
            spans = [t for t in tokens if t.right > t.column and t.bottom == last]
            left, right = tokens[0].column, max(t.right for t in tokens)
            taken = {t.column for t in tokens if t.right == t.column}
            gaps = set(range(left, right + 2)) - taken
            deep = max((t.bottom for t in tokens), default=last)
            texts = below and all(is_heading(t) for t in below)
            under = all(t.column in gaps for t in below)
            fits = bool(spans) or (len(below) >= 2 and deep > last)
            if not (texts and under) or not (fits or self.is_loose(last, tokens, below)):
                break
            last += 1
            tokens = [*(t for t in tokens if t.bottom >= last and t.right == t.column), *below]
            tokens.sort(key=lambda t: t.column)
        return last

    def is_loose(self, last: int, tokens: list[Token], below: list[Token]) -> bool:
        """Whether *below* are second headings under an upper one that was not merged."""
        columns = {t.column for t in tokens}
        return (
            len(below) >= 2
            and any(t.column not in columns for t in below)
            and any(t.raw and not t.text for t in self.cells.row(last + 2))
        )

    def side_caption(self, tokens: list[Token]) -> Token | None:
        """Return the cell left of a table that is merged down along all of it, as its caption."""
        first = tokens[0]
        if len(tokens) > 2 and self.last_heading(first.row, tokens) > first.row:
            return None
        if len(tokens) < 3 or not first.text or first.bottom <= max(t.bottom for t in tokens[1:]):
            return None
        return first

    def columns(self, top: int, last: int, side: Token | None = None) -> list[Column]:
        every = [t for r in range(top, last + 1) for t in self.cells.row(r) if t is not side]
        found = []
        right = max(t.right for t in every)
        while self.cells.rows.get(last + 1, {}).get(right + 1):  # without a heading, but not lost
            right += 1
        left = side.right + 1 if side else min(t.column for t in every)
        for column in range(left, right + 1):
            stack = [self.heading(row, column, top) for row in range(top, last + 1)]
            texts = list(dict.fromkeys(t for t in stack if t))
            if not texts:
                if self.has_values(last + 1, column):
                    found.append(Column(column, ""))
                continue
            token = self.cells.at(last, column) or self.cells.at(top, column)
            raw = str(token.raw) if token else ""
            found.append(
                Column(column, texts[-1], "".join(texts[:-1]), starred="*" in raw or "＊" in raw)
            )
        return found

    def heading(self, row: int, column: int, top: int) -> str:
        """Return the heading over a column in *row*; an upper one goes on to the right."""
        token = self.cells.at(row, column)
        if token is None and row == top and self.cells.row(row + 1):
            lower = self.cells.at(row + 1, column)
            before = [t for t in self.cells.row(row) if t.column < column]
            reaches = before and before[-1].bottom == row
            if lower and is_heading(lower) and reaches and lower.row == row + 1:
                token = before[-1]
        return heading_text(token) if token else ""

    def has_values(self, first: int, column: int) -> bool:
        return any(column in self.cells.rows.get(r, {}) for r in range(first, first + 5))

    def body(self, table: Table, first: int, end: int) -> None:
        """Find the rows below the headings, down to *end*."""
        left, right = table.columns[0].at, table.columns[-1].at
        width = {c.at for c in table.columns}
        row = first
        while row and row <= end:
            upcoming = self.cells.next_filled(row)
            if not upcoming or upcoming > end or (upcoming - row > 2 and table.body):
                break
            row = upcoming
            tokens = self.cells.row(row)
            inside = [t for t in tokens if left <= t.column <= right]
            if is_numbering(inside) and not table.body:
                table.skipped.append((row, "栏次"))
            elif is_total(inside):
                table.totals.append(row)
            elif self.ends(table, inside):
                break
            elif len(inside) == 1 and len(width) > 2:
                table.skipped.append((row, clean(str(inside[0].raw))))
            else:
                table.body.append(row)
            table.bottom = row
            row += 1
        # a line alone at the end belongs to what follows
        while table.skipped and table.skipped[-1][0] == table.bottom != first:
            row, _ = table.skipped.pop()
            table.bottom = max([table.top, *table.body, *table.totals])
            if row < table.bottom:
                break

    def ends(self, table: Table, tokens: list[Token]) -> bool:
        """Whether a row is no longer of the table: a remark, who signed, or the next headings."""
        texts = [t.text for t in tokens]
        if not tokens or _REMARK.match(texts[0]):
            return True
        if any(_FOOTER.search(text) for text in texts) and all(texts):
            return True
        if len(tokens) == 1:
            wide = tokens[0].right - tokens[0].column >= 1
            return bool(texts[0]) and (
                wide or len(texts[0]) > LONGEST_HEADING or not self.goes_on(table, tokens[0].row)
            )
        labels = [t for t in tokens if t.says_label]
        row = self.cells.row(tokens[0].row)
        wider = len(row) > len(table.columns) and all(t.text for t in row)
        if wider and sum(t.says_label for t in row) * 2 > len(row):
            return True
        has_numbers = any(not self.cells.row(r)[-1].text for r in table.body if self.cells.row(r))
        if len(labels) == len(tokens) and len(tokens) > 2 and has_numbers:
            return True
        return bool(table.body and pairs_in(self.cells, tokens[0].row) and len(labels) > 1)

    def goes_on(self, table: Table, row: int) -> bool:
        """Whether rows like those of the table follow a line of one cell."""
        upcoming = self.cells.next_filled(row + 1)
        if not upcoming or upcoming > row + 1:
            return False
        tokens = self.cells.row(upcoming)
        least = max(2, len(table.columns) // 2)
        return len(tokens) >= least and not all(is_heading(t) and t.says_label for t in tokens)


def is_total(tokens: list[Token]) -> bool:
    """Whether a row calls itself a total."""
    texts = [t for t in tokens if t.text]
    return bool(texts) and bool(_TOTAL.match(narrow(texts[0].text)))


def is_numbering(tokens: list[Token]) -> bool:
    """Whether a row only numbers the columns: 1 2 3, or 甲 乙 1 2."""
    numbers = [t.raw for t in tokens if not t.text]
    letters = [t.text for t in tokens if t.text]
    plain = [int(n) for n in numbers if isinstance(n, int | float) and n == int(n)]
    return (
        len(tokens) > 2
        and len(plain) == len(numbers) > 1
        and plain == list(range(plain[0], plain[0] + len(plain)))
        and plain[0] == 1
        and all(re.fullmatch("[甲乙丙丁戊A-Z]|栏次|行次", text) for text in letters)
        and not any(isinstance(t.raw, date) for t in tokens)
    )
