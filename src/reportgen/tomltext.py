"""TOML text → tables, with what is wrong said in Chinese. Numbers stay exact decimals."""

import re
import tomllib
from decimal import Decimal
from typing import Any


class TomlError(ValueError):
    """The text is no TOML; ``what`` names the line, ``hint`` says what to do."""

    def __init__(self, what: str, hint: str) -> None:
        self.what, self.hint = what, hint
        super().__init__(what)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables in *text*.

    Raises:
        TomlError: it is no TOML.
    """
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        lines = text.splitlines()
        found = re.search(r"at line (\d+)", str(error))
        line = min(int(found[1]) if found else len(lines), len(lines))
        if opened := _open_brace(lines, line):
            raise TomlError(
                f"第 {opened} 行：一对 {{ }} 要写在同一行里",
                "太长时把这一项改写成 [[section.fields]]，一行一个键。",
            ) from error
        shown = lines[line - 1].strip()[:40] if lines else ""
        if re.match(r"\[*\s*[^\x00-\x7f]", shown):
            raise TomlError(
                f"第 {line} 行：{shown}，中文的名称要加引号", '例如 "正文" = "……"，["基本信息"]。'
            ) from error
        raise TomlError(
            f"第 {line} 行附近不合 TOML 的写法：{shown}",
            "请检查引号、逗号、括号是不是成对，是不是用了半角符号，有没有重复的键。",
        ) from error


def _open_brace(lines: list[str], line: int) -> int:
    """Return the line (*line* or up to two before) whose inline table is not closed on it, or 0."""
    for number in range(line, max(0, line - 3), -1):
        bare = re.sub(r'"[^"]*"|\'[^\']*\'|#.*', "", lines[number - 1])
        if bare.count("{") > bare.count("}"):
            return number
    return 0
