"""The questionnaire as a Word document (DOCX), to adapt and print: Word's styles, tables for grids, page numbers."""

import io
from collections.abc import Iterable

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from forms.paper.docx_style import (
    add_field,
    prepare_styles,
    repeat_header_row,
    right_to_left,
    set_columns,
    set_language,
    start_section,
    unbreakable_row,
)
from forms.paper.parts import Answer, CodeList, Grid, Item, Note, Part, PrintedChoice, Questionnaire, Section
from forms.paper.rich_text import RichText
from forms.paper.sheet_words import (
    CALCULATED,
    CODES,
    DATE,
    ENDED,
    ENTRY_NUMBER,
    IF_ANSWER,
    INTERVIEWER,
    MARKS,
    NO_NAMES,
    PAGE,
    QUESTION,
    SHEET_NUMBER,
    STARTED,
    TICK_ONE,
    TICK_SEVERAL,
    about_questions,
    heading_line,
    in_one_line,
    numbers_line,
    only_if,
)
from forms.text import Bilingual

_BOX = "|__"


def questionnaire_docx(questionnaire: Questionnaire) -> bytes:
    """Return the questionnaire as the bytes of a .docx file."""
    content = io.BytesIO()
    _Writing(questionnaire).document().save(content)
    return content.getvalue()


class _Writing:
    def __init__(self, questionnaire: Questionnaire) -> None:
        self._questionnaire = questionnaire
        self._document: WordDocument = Document()

    def document(self) -> WordDocument:
        """The whole document."""
        questionnaire = self._questionnaire
        prepare_styles(self._document)
        set_language(self._document, questionnaire.language_tag)
        self._document.core_properties.title = questionnaire.title[:255]
        self._document.core_properties.author = ""
        self._document.core_properties.subject = heading_line(questionnaire)[:255]
        self._header_and_footer()
        self._opening()
        self._parts(questionnaire.parts, 1)
        self._calculated()
        self._codes()
        if questionnaire.is_right_to_left:
            right_to_left(self._document)
        return self._document

    def _say(self, words: Bilingual) -> str:
        return words.in_language(self._questionnaire.instructions)

    def _paragraph(self, style: str, *texts: str | RichText) -> Paragraph:
        return _written(self._document.add_paragraph(style=style), texts)

    def _header_and_footer(self) -> None:
        section = self._document.sections[0]
        section.header.paragraphs[0].text = f"{self._questionnaire.title}\t\t{self._questionnaire.version}"
        foot = section.footer.paragraphs[0]
        foot.add_run(f"{heading_line(self._questionnaire)}\t\t{self._say(PAGE)} ")
        add_field(foot, "PAGE")
        foot.add_run(" / ")
        add_field(foot, "NUMPAGES")

    def _opening(self) -> None:
        questionnaire = self._questionnaire
        self._paragraph("Title", questionnaire.title)
        self._paragraph("Subtitle", heading_line(questionnaire))
        table = self._document.add_table(rows=2, cols=3)
        table.style = "Table Grid"
        fields = [
            (SHEET_NUMBER, _boxes(4)),
            (INTERVIEWER, _boxes(3)),
            (DATE, _date()),
            (STARTED, _time()),
            (ENDED, _time()),
            (NO_NAMES, ""),
        ]
        for cell, (words, space) in zip((cell for row in table.rows for cell in row.cells), fields, strict=True):
            run = cell.paragraphs[0].add_run(self._say(words))
            run.bold = not space
            if space:
                cell.add_paragraph(space)
        marks = [
            f"{MARKS[Answer.ONE]} {self._say(TICK_ONE)}",
            f"{MARKS[Answer.SEVERAL]} {self._say(TICK_SEVERAL)}",
            *(f"{note.mark} {note.words}" for note in questionnaire.required_notes),
        ]
        legend = self._paragraph("Instruction", "   ".join(marks))
        legend.paragraph_format.left_indent, legend.paragraph_format.space_before = Pt(0), Pt(6)

    def _parts(self, parts: tuple[Part, ...], level: int) -> None:
        for part in parts:
            match part:
                case Section():
                    self._section(part, level)
                case Grid():
                    self._grid(part)
                case Item():
                    self._item(part)
                case Note(text, hint, condition):
                    self._condition(condition)
                    self._paragraph("Note", text)
                    if hint:
                        self._paragraph("Hint", hint)

    def _section(self, section: Section, level: int) -> None:
        if section.number:
            self._paragraph(f"Heading {min(level, 3)}", f"{section.number}  ", section.title)
        if section.condition is not None:
            said = only_if(self._questionnaire, section.condition)
            self._paragraph("Condition", said if section.number else about_questions(section, said))
        if section.roster is not None:
            self._paragraph("Condition", f"{section.roster}  {self._say(ENTRY_NUMBER)} {_boxes(2)}")
        self._parts(section.parts, level + 1 if section.number else level)

    def _condition(self, condition: str | None) -> None:
        if condition is not None:
            self._paragraph("Condition", only_if(self._questionnaire, condition))

    def _item(self, item: Item) -> None:
        self._condition(item.condition)
        question = self._paragraph("Question")
        question.add_run(f"Q{item.number}\t").bold = True
        _written(question, (item.text, f"\u00a0{item.required}" if item.required else ""))
        if item.hint:
            self._paragraph("Hint", item.hint)
        said = in_one_line(self._questionnaire, item.how, item.limits, item.only_those, item.see_list)
        self._paragraph("Instruction", said)
        if not item.choices:
            self._paragraph("Answer", _space(item))
        under = ""
        for number, choice in enumerate(item.choices):
            if choice.under and choice.under != under:
                self._paragraph("Instruction", f"{self._say(IF_ANSWER)} {choice.under}")
            under = choice.under
            line = self._choice(item, choice)
            # A question stays on one page, so far as its choices fit on one.
            line.paragraph_format.keep_with_next = number < len(item.choices) - 1 and len(item.choices) <= 25

    def _choice(self, item: Item, choice: PrintedChoice) -> Paragraph:
        mark = "|__|" if item.answer is Answer.RANK else MARKS[item.answer]
        go_to = f"   → {choice.go_to}" if choice.go_to is not None else ""
        return self._paragraph("List", f"{mark}  ", choice.label, f"\t{choice.code}{go_to}")

    def _grid(self, grid: Grid) -> None:
        self._paragraph("Instruction", "")
        table = self._document.add_table(rows=1, cols=1 + len(grid.choices))
        table.style = "Table Grid"
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        head = table.rows[0].cells
        _fill(head[0], "Grid Head", self._say(QUESTION))
        for cell, choice in zip(head[1:], grid.choices, strict=True):
            _fill(cell, "Grid Head", choice.label, f"\n{choice.code}").alignment = WD_ALIGN_PARAGRAPH.CENTER
        repeat_header_row(table.rows[0])
        for item in grid.items:
            row = table.add_row()
            unbreakable_row(row)
            cells = row.cells
            required = f"\u00a0{item.required}" if item.required else ""
            asked = _fill(cells[0], "Grid Text", f"Q{item.number}  ", item.text, required)
            asked.runs[0].bold = True
            if item.condition is not None:
                asked.insert_paragraph_before(only_if(self._questionnaire, item.condition), style="Grid Condition")
            extra = [text for text in (item.hint, item.limits) if text]
            for text in extra:
                _written(cells[0].add_paragraph(style="Grid Text"), (text,))
            for cell in cells[1:]:
                _fill(cell, "Grid Text", MARKS[Answer.ONE]).alignment = WD_ALIGN_PARAGRAPH.CENTER
        set_columns(table, len(grid.choices))
        self._paragraph("Instruction", "")

    def _calculated(self) -> None:
        if self._questionnaire.calculated:
            self._paragraph("Heading 1", self._say(CALCULATED))
        for value in self._questionnaire.calculated:
            self._paragraph("Code", f"{value.name}\t{value.words}")

    def _codes(self) -> None:
        if not self._questionnaire.lists:
            return
        heading = self._paragraph("Heading 1", self._say(CODES))
        heading.paragraph_format.page_break_before = True
        start_section(self._document, columns=2)
        for code_list in self._questionnaire.lists:
            self._code_list(code_list)

    def _code_list(self, code_list: CodeList) -> None:
        self._paragraph("Code List", f"{code_list.name} – {numbers_line(code_list.used_by)}")
        for choice in code_list.choices:
            self._paragraph("Code", f"{choice.code}\t", choice.label)


def _written(paragraph: Paragraph, texts: Iterable[str | RichText]) -> Paragraph:
    """The paragraph with the texts added, spans in their faces; a line break stays one."""
    for text in texts:
        if isinstance(text, str):
            if text:
                paragraph.add_run(text)
            continue
        for span in text:
            run = paragraph.add_run(span.text)
            run.bold = True if span.is_bold else None
            run.italic = True if span.is_italic else None
    return paragraph


def _fill(cell: _Cell, style: str, *texts: str | RichText) -> Paragraph:
    paragraph = cell.paragraphs[0]
    paragraph.style = style
    return _written(paragraph, texts)


def _boxes(count: int) -> str:
    return _BOX * count + "|"


def _date() -> str:
    return f"{_boxes(2)} / {_boxes(2)} / {_boxes(4)}"


def _time() -> str:
    return f"{_boxes(2)} : {_boxes(2)}"


def _space(item: Item) -> str:
    """Where the answer to a question without printed choices is written."""
    fixed = {
        Answer.DATE: _date(),
        Answer.TIME: _time(),
        Answer.DATETIME: f"{_date()}   {_time()}",
        Answer.ACKNOWLEDGE: MARKS[Answer.SEVERAL],
    }
    if item.answer in fixed:
        return fixed[item.answer]
    if item.steps:
        return "   ".join(item.steps)
    if item.digits:
        return _boxes(item.digits)
    lines = 2 if item.answer in (Answer.TEXT, Answer.PLACE, Answer.SEVERAL) else 1
    # A tab up to the right edge; its leader is the line.
    return "\n".join(["\t"] * lines)
