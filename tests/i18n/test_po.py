from io import BytesIO

import pytest
from babel.messages.pofile import read_po as babel_read
from hypothesis import given
from hypothesis import strategies as st

from core.i18n import CatalogueError
from core.i18n.po import Entry, read_po, write_po

TEXT = """# of a translator, about the file
msgid ""
msgstr ""
"Language: es\\n"

# kept
#. from the source
#: core/a.py:1
msgid "Hello {name}"
msgstr "Hola {name}"

#, fuzzy, python-brace-format
msgid "several"
" lines\\n"
"and \\"quotes\\" \\\\ \\t"
msgstr ""
"varias"
" líneas\\n"
msgid "{n} file"
msgid_plural "{n} files"
msgstr[0] "{n} fichero"
msgstr[1] "{n} ficheros"

#~ msgid "old"
#~ msgstr "viejo"
"""


def test_read() -> None:
    assert read_po(TEXT) == [
        Entry("Hello {name}", None, ("Hola {name}",), comments=("kept",)),
        Entry('several lines\nand "quotes" \\ \t', None, ("varias líneas\n",), fuzzy=True),
        Entry("{n} file", "{n} files", ("{n} fichero", "{n} ficheros")),
    ]


@pytest.mark.parametrize(
    "line", ["what is this", 'msgid "open', '"text of nothing"', 'msgctxt "menu"', 'msgstr[2] "x"']
)
def test_what_cannot_be_read_names_file_and_line(line: str) -> None:
    with pytest.raises(CatalogueError, match=r"^some\.po:2: "):
        read_po("\n" + line, name="some.po")


words = st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029", exclude_categories=["Cc", "Cs"]))
written = words | st.sampled_from(['a "b"', "a\\nb", "tab\there", "two\nlines\n", "\\", "\r\n"])


@given(
    texts=st.dictionaries(written.filter(bool), written, max_size=5),
    plurals=st.dictionaries(written.filter(bool), st.tuples(written, written, written), max_size=3),
)
def test_what_is_written_is_read_by_us_and_by_babel(
    texts: dict[str, str], plurals: dict[str, tuple[str, str, str]]
) -> None:
    entries = [Entry(msgid, None, (text,)) for msgid, text in texts.items() if msgid not in plurals]
    entries += [Entry(msgid, plural or "x", (one, other)) for msgid, (plural, one, other) in plurals.items()]
    entries.sort(key=lambda entry: entry.msgid)
    text = write_po(entries, language="fr")
    assert read_po(text) == entries
    theirs = babel_read(BytesIO(text.encode()), locale="fr")
    assert {message.id: message.string for message in theirs if message.id} == {
        entry.msgid if entry.plural is None else (entry.msgid, entry.plural): (
            entry.texts[0] if entry.plural is None else entry.texts
        )
        for entry in entries
    }
    assert write_po(reversed(read_po(text)), language="fr") == text


@pytest.mark.parametrize(
    ("language", "rule"), [("es", "n != 1"), ("fr", "n > 1"), ("pt", "n > 1"), ("pt_PT", "n != 1")]
)
def test_the_header_names_the_plural_rule(language: str, rule: str) -> None:
    assert f"nplurals=2; plural=({rule});" in write_po([], language=language)
