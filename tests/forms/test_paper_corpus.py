"""The forms of many organisations on paper: nothing crashes, every question is printed once."""

import csv
import io
import warnings
from pathlib import Path

import pytest
from docx import Document
from lxml import html

from forms.errors import XLSFormInvalid
from forms.paper.as_docx import questionnaire_docx
from forms.paper.as_html import questionnaire_html
from forms.paper.as_json import questionnaire_json
from forms.paper.as_text import questionnaire_text
from forms.paper.numbering import is_asked
from forms.paper.questionnaire import paper_questionnaire
from forms.read import read_form

# Every fourth form; the whole corpus takes minutes and was run when this was written.
STEP = 4


@pytest.mark.slow
def test_forms_of_other_organisations_print_whole_in_all_their_languages(shared: Path) -> None:
    with (shared / "corpus" / "manifest.csv").open(encoding="utf-8", newline="") as manifest:
        accepted = [row["file"] for row in csv.DictReader(manifest) if row["pyxform_ok"] == "True"]
    printed = 0
    for name in accepted[::STEP]:
        path = shared / "corpus" / name
        with warnings.catch_warnings():
            # openpyxl tells of styles and extensions that no form depends on.
            warnings.simplefilter("ignore", UserWarning)
            try:
                form = read_form(path.read_bytes(), path.name)
            except XLSFormInvalid:
                continue
        for language in form.languages:
            paper = paper_questionnaire(form, language)
            assert [item.path for item in paper.items] == [each.path for each in form.questions if is_asked(each)], name
            assert max(map(len, questionnaire_text(paper).splitlines())) <= 80, name
            assert questionnaire_json(paper)
            document = html.document_fromstring(questionnaire_html(paper))
            assert not document.xpath("//script | //img | //a"), name
            assert Document(io.BytesIO(questionnaire_docx(paper))).paragraphs, name
            printed += 1
    assert printed > 50
