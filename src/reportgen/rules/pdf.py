"""E52: Word documents that become PDFs."""

from reportgen.finding import Rule, Severity

_E = Severity.ERROR

NO_CONVERTER = Rule(
    "E520",
    _E,
    "没有生成 PDF：这台电脑上没有能转换的程序（Word、WPS 或 LibreOffice）。",
    "请装上其中一个（LibreOffice 免费），再运行 reportgen doctor 看是否装好。",
)
CONVERTER_FAILS = Rule(
    "E521",
    _E,
    "没有生成 PDF：{name} 一份文档也没有转换出来。",
    "请运行 reportgen doctor，照它说的做；Word 文档不受影响。",
)
PDF_TOO_SLOW = Rule(
    "E522",
    _E,
    "“{value}”没有生成 PDF：{name} 转换了很久没有结果，已停下。",
    "请在 Word 或 WPS 中打开这份文档，另存为 PDF。",
)
NO_PDF = Rule(
    "E523",
    _E,
    "“{value}”没有生成 PDF：{name} 转换不了这一份。",
    "请在 Word 或 WPS 中打开这份文档，另存为 PDF。",
)
