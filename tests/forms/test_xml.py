"""XML that cannot be read is refused in words that quote nothing of it: what stands there may be an answer."""

import pytest

from forms.xml import XmlRefused, parse_xml


@pytest.mark.parametrize(
    "raw",
    [
        b"<a>&Fatoumata;</a>",
        b"<a><name>Awa <Fatoumata></name></a>",
        b"<a>Awa <Fatoumata Traore</a>",
        b"<a Fatoumata:b='1'/>",
        b"<a Fatoumata='1' Fatoumata='2'/>",
        b"<Fatoumata:x/>",
        b"<?Fatoumata",
        b"<a>Fatoumata \x01</a>",
        b"Fatoumata",
        b"",
    ],
)
def test_the_reason_names_the_place_and_quotes_nothing(raw: bytes):
    with pytest.raises(XmlRefused) as refused:
        parse_xml(raw)
    assert "Fatou" not in refused.value.message.en + refused.value.message.fr
    assert "line 1, column" in refused.value.message.en
    assert "ligne 1, colonne" in refused.value.message.fr
