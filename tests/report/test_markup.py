"""Whatever a text holds, it stays a text."""

from __future__ import annotations

import pytest

from sidecar.report.markup import Markup, element, joined, number


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<script>", "&lt;script&gt;"),
        ("a & b", "a &amp; b"),
        ("\"'", "&quot;&#x27;"),
        ("&lt;", "&amp;lt;"),
        ("a\x00b\x1b", "a�b�"),
        ("\udcff", "�"),
        ("\u202egnp.exe", "�gnp.exe"),
        ("雪 ⛷ é", "雪 ⛷ é"),
    ],
)
def test_texts_are_escaped_among_children_and_in_attributes(text: str, written: str) -> None:
    assert element("p", text) == f"<p>{written}</p>"
    assert element("p", title=text) == f'<p title="{written}"></p>'
    assert joined([text, Markup("<b></b>")]) == f"{written}<b></b>"
    assert joined([text]).encode("utf-8")


def test_adding_to_markup_makes_a_text_again() -> None:
    assert element("p", element("b", "x") + "<script>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;script&gt;</p>"


def test_names_of_attributes() -> None:
    assert element("i", class_="a", aria_label="b", viewBox="0", style=None) == (
        '<i class="a" aria-label="b" viewBox="0"></i>'
    )
    assert element("img", src="x", width=3) == '<img src="x" width="3">'


@pytest.mark.parametrize(("value", "written"), [(1.0, "1"), (0.25, "0.2"), (-3.96, "-4"), (100.0, "100"), (0.0, "0")])
def test_numbers_are_short(value: float, written: str) -> None:
    assert number(value) == written
