"""docs/findings.md lists the codes that the product can give, and no others."""

import ast
from pathlib import Path

from forms.finding_codes import codes_by_origin, finding_codes
from jekafo.commands.form_codes import codes_as_markdown

PROJECT = Path(__file__).resolve().parents[2]


def codes_raised() -> set[str]:
    """Codes written as the first argument of `findings.error|warning|info(...)` and of `Finding(...)` in forms."""
    met = set()
    for path in (PROJECT / "forms").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and _makes_finding(node.func):
                code = node.args[0]
                if isinstance(code, ast.Constant) and isinstance(code.value, str):
                    met.add(code.value)
    return met


def _makes_finding(called: ast.expr) -> bool:
    if isinstance(called, ast.Name):
        return called.id in ("Finding", "KnownSentence")
    return (
        isinstance(called, ast.Attribute)
        and called.attr in ("error", "warning", "info")
        and "findings" in ast.unparse(called.value).lower()
    )


def test_the_page_holds_the_tables_of_the_command_word_for_word():
    page = (PROJECT / "docs" / "findings.md").read_text(encoding="utf-8")
    assert codes_as_markdown() in page


def test_every_code_that_is_raised_is_listed():
    raised = codes_raised()
    assert len(raised) > 80
    assert raised - set(finding_codes()) == set()


def test_no_code_has_two_meanings():
    parts = codes_by_origin().values()
    assert sum(map(len, parts)) == len(finding_codes())


def test_each_code_says_what_it_finds_in_both_languages():
    for code, said in finding_codes().items():
        assert said.en.strip(), code
        assert said.fr.strip(), code
        assert said.en != said.fr, code
