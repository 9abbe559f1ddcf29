"""The styles of the Word questionnaire, and what python-docx has no words for: fields, columns, repeated heads."""

from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph

_FONT = "Arial"
_BLACK = RGBColor(0, 0, 0)
_TEXT_WIDTH = Mm(182)
_INDENT = Mm(11)
_SIZES = {"Title": 17, "Subtitle": 9, "Heading 1": 13, "Heading 2": 11, "Heading 3": 10}


def prepare_styles(document: WordDocument) -> None:
    """Set A4, margins and the styles: Word's own for title, headings and choices, ours for the parts of a question."""
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(14)
    page.top_margin, page.bottom_margin = Mm(18), Mm(17)
    page.header_distance = page.footer_distance = Mm(8)
    normal = _style(document, "Normal")
    normal.font.size = Pt(9.5)
    normal.paragraph_format.space_after = Pt(2)
    normal.paragraph_format.space_before = Pt(0)
    for name, size in _SIZES.items():
        style = _style(document, name)
        style.font.size = Pt(size)
        style.font.bold = name != "Subtitle"
        style.font.italic = False
        style.font.color.rgb = _BLACK
        style.font.name = _FONT
        _font_for_all_scripts(style)
        style.paragraph_format.keep_with_next = True
    title = _style(document, "Title")
    title.paragraph_format.space_after = Pt(2)
    _style(document, "Subtitle").paragraph_format.space_after = Pt(6)
    for border in title.element.iter(qn("w:pBdr")):
        for side in border:
            side.set(qn("w:color"), "000000")
            for attribute in (qn("w:themeColor"), qn("w:themeShade"), qn("w:themeTint")):
                side.attrib.pop(attribute, None)
    for mark in _style(document, "Subtitle").element.iter(qn("w:spacing")):
        mark.attrib.pop(qn("w:val"), None)
    for name in ("Header", "Footer"):
        style = _style(document, name)
        style.font.size = Pt(8)
        stops = style.paragraph_format.tab_stops
        while len(stops):
            del stops[0]
        stops.add_tab_stop(int(_TEXT_WIDTH / 2), WD_TAB_ALIGNMENT.CENTER)
        stops.add_tab_stop(_TEXT_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    _font_for_all_scripts(normal)
    normal.font.name = _FONT
    _own_styles(document)


def _own_styles(document: WordDocument) -> None:
    question = _added(document, "Question", before=5, follows=True)
    question.paragraph_format.left_indent = _INDENT
    question.paragraph_format.first_line_indent = -_INDENT
    question.paragraph_format.tab_stops.add_tab_stop(_INDENT)
    condition = _added(document, "Condition", before=5, follows=True)
    condition.font.bold = condition.font.italic = True
    for name, size, is_italic in (("Hint", 8.5, True), ("Instruction", 8, False)):
        style = _added(document, name, follows=name == "Hint")
        style.paragraph_format.left_indent = _INDENT
        style.font.size, style.font.italic = Pt(size), is_italic
    _style(document, "Instruction").paragraph_format.keep_with_next = True
    choice = _style(document, "List")
    choice.paragraph_format.left_indent = int(_INDENT + Mm(6))
    choice.paragraph_format.first_line_indent = -Mm(6)
    choice.paragraph_format.space_after = Pt(1)
    choice.paragraph_format.tab_stops.add_tab_stop(Mm(120), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.DOTS)
    answer = _added(document, "Answer", before=4)
    answer.paragraph_format.left_indent = _INDENT
    answer.paragraph_format.line_spacing = 1.6
    answer.paragraph_format.tab_stops.add_tab_stop(int(_TEXT_WIDTH - Mm(1)), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.LINES)
    note = _added(document, "Note", before=4)
    _bordered(note)
    for name, size, is_bold in (("Grid Head", 7.5, True), ("Grid Text", 8.5, False), ("Grid Condition", 8, True)):
        style = _added(document, name)
        style.font.size, style.font.bold = Pt(size), is_bold
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(2)
    heading = _added(document, "Code List", before=5, follows=True)
    heading.font.bold = True
    code = _added(document, "Code")
    code.font.size = Pt(8.5)
    code.paragraph_format.space_after = Pt(0)
    code.paragraph_format.left_indent = Mm(22)
    code.paragraph_format.first_line_indent = -Mm(22)
    code.paragraph_format.tab_stops.add_tab_stop(Mm(22))


def set_language(document: WordDocument, tag: str) -> None:
    """Name the language, so that Word checks spelling and hyphenates in it."""
    run = document.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    if run is None:
        return
    for known in run.findall(qn("w:lang")):
        run.remove(known)
    language = OxmlElement("w:lang")
    for attribute in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(attribute), tag)
    run.append(language)
    document.core_properties.language = tag


def add_field(paragraph: Paragraph, instruction: str) -> None:
    """Add a field that Word fills in: `PAGE`, `NUMPAGES`."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)  # noqa: SLF001 - python-docx has no other way to a paragraph's element


def repeat_header_row(row: _Row) -> None:
    """Make the row stand again on every page the table goes on to."""
    _row_property(row, "w:tblHeader")
    unbreakable_row(row)


def unbreakable_row(row: _Row) -> None:
    """Keep the row on one page."""
    _row_property(row, "w:cantSplit")


def set_columns(table: Table, choices: int) -> None:
    """Give the questions of a grid a wide column and its choices equal ones."""
    first = Mm(182 - min(choices * 17, 115))
    other = int((_TEXT_WIDTH - first) / choices)
    table.autofit = False
    for number, column in enumerate(table.columns):
        column.width = first if number == 0 else other
    for row in table.rows:
        for number, cell in enumerate(row.cells):
            # Word goes by the cells, LibreOffice by the columns.
            cell.width = first if number == 0 else other
            cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER


def start_section(document: WordDocument, *, columns: int) -> None:
    """Go on in so many columns, on the same page."""
    section = document.add_section(WD_SECTION.CONTINUOUS)
    properties = section._sectPr  # noqa: SLF001 - python-docx knows no columns
    known = properties.find(qn("w:cols"))
    cols = known if known is not None else OxmlElement("w:cols")
    cols.set(qn("w:num"), str(columns))
    cols.set(qn("w:space"), "400")
    if known is None:
        properties.append(cols)


def right_to_left(document: WordDocument) -> None:
    """Let every paragraph run from right to left."""
    for style in document.styles:
        if isinstance(style, ParagraphStyle):
            properties = style.element.get_or_add_pPr()
            if properties.find(qn("w:bidi")) is None:
                properties.insert_element_before(
                    OxmlElement("w:bidi"),
                    "w:adjustRightInd",
                    "w:snapToGrid",
                    "w:spacing",
                    "w:ind",
                    "w:jc",
                    "w:outlineLvl",
                )


def _row_property(row: _Row, name: str) -> None:
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no words for it
    properties.append(OxmlElement(name))


def _style(document: WordDocument, name: str) -> ParagraphStyle:
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} is a paragraph style of python-docx's template")
    return style


def _added(document: WordDocument, name: str, *, before: float = 0, follows: bool = False) -> ParagraphStyle:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if not isinstance(style, ParagraphStyle):
        raise TypeError(f"{name} was added as a paragraph style")
    style.base_style = document.styles["Normal"]
    style.paragraph_format.space_before = Pt(before)
    style.paragraph_format.keep_with_next = follows
    style.paragraph_format.keep_together = True
    return style


def _bordered(style: ParagraphStyle) -> None:
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        border = OxmlElement(f"w:{side}")
        for attribute, value in (("val", "single"), ("sz", "6"), ("space", "4"), ("color", "000000")):
            border.set(qn(f"w:{attribute}"), value)
        borders.append(border)
    style.element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


def _font_for_all_scripts(style: ParagraphStyle) -> None:
    """Set the font in every script: the template's theme font would win over it."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]
    for attribute in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(attribute), _FONT)
