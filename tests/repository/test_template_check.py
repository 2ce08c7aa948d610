"""The check of the templates finds each fault, and only faults."""

from pathlib import Path

import pytest

from scripts.check.templates import faults, problems


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{% if x %}", "Unexpected end of template"),
        ("{{ comment|safe }}", "|safe switches escaping off"),
        ("{% autoescape false %}{% endautoescape %}", "changes escaping"),
        ('<p style="color: red">', "inline style"),
        ("<style>p {}</style>", "inline style"),
        ("<script>go()</script>", "inline script"),
        ('<button onclick="go()">', "inline script in onclick"),
        ("<p>Mức độ hài lòng</p>", "'Mức độ hài lòng' is not marked"),
        ("{% if x %}<p>Xin chào</p>{% endif %}", "'Xin chào' is not marked"),
        ('<img alt="mặt cười">', "alt='mặt cười' is not marked"),
        ('<input placeholder="Mã hồ sơ">', "is not marked"),
        ("{{ _(label) }}", "_() needs a fixed text"),
        ('{{ _("đạt 91 % trở lên") }}', "write %%"),
    ],
)
def test_fault_is_named_with_its_line(source: str, fault: str):
    found = faults("{# không\nphải #}\n\n" + source)
    assert len(found) == 1
    assert fault in found[0]
    assert found[0].startswith("4: ")


@pytest.mark.parametrize(
    "source",
    [
        '<p class="a {% if b %}c{% endif %}" title="{{ _("Tên") }}">{{ _("Gửi đánh giá") }}</p>',
        '{{ _("đạt %(share)s %%", share=share) }} {{ ngettext("%(num)s x", "%(num)s y", n) }}',
        "{% trans n=n %}Có {{ n }} phiếu, trên 91 %{% endtrans %}",
        '<script src="/static/a.js" defer></script>',
        '<script type="application/json">{"key": 1}</script>',
        '<p translate="no">Hài Lòng <b>chung</b></p><code>make run</code>',
        "{% block body_class %}rating{% endblock %}<p>",
        "<table><tr><td>{{ n }} %<td>–<td>n = {{ n }}</table>",
        "{% if a %}<p>{% else %}<p class='b'>{% endif %}{{ x }}</p>",
    ],
)
def test_what_is_allowed_is_not_named(source: str):
    assert faults(source) == []


def test_text_after_a_name_is_read_again():
    name = '<b translate="no">Hài Lòng</b>'
    assert faults(name) == []
    assert faults(f"{name} là gì") == ["1: 'là gì' is not marked for translation"]


def test_every_template_below_the_root_is_read(tmp_path: Path):
    folder = tmp_path / "templates" / "web"
    folder.mkdir(parents=True)
    (folder / "page.html").write_text("<p>\n{{ a|safe }}</p>", encoding="utf-8")
    assert problems(tmp_path) == ["templates/web/page.html:2: |safe switches escaping off"]
