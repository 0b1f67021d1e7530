"""Bytes become the words their sender meant, whatever the label says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.mail.mime.charsets import decode, guess

CYRILLIC = [
    "Привіт",
    "Спасибо",
    "Доброго дня, де моє замовлення?",
    "Добрый день! Где мой заказ № 5?",
    "Їжак та ґанок",
    "Не работает вход в личный кабинет, помогите пожалуйста.",
    "Order 5: товар не прийшов",
    "ПОМОГИТЕ СРОЧНО",
    "ok, спасибо",
    "Ціна 100 грн.",
    "Re: Рахунок",
]
WESTERN = ["Schöne Grüße aus München", "Déjà vu à Paris, s'il vous plaît", "naïve café", "Größe"]


@pytest.mark.parametrize("codec", ["cp1251", "koi8-u", "cp866", "iso8859-5"])
@pytest.mark.parametrize("text", CYRILLIC)
def test_a_cyrillic_line_without_a_label_is_read(codec: str, text: str) -> None:
    try:
        data = text.encode(codec)
    except UnicodeEncodeError:
        data = text.encode("cp1251")  # not every alphabet has every letter

    assert guess(data) == text


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("label", ["", "iso-8859-1", "us-ascii", "windows-1252", "x-unknown"])
def test_a_western_line_is_read(text: str, label: str) -> None:
    assert decode(text.encode("cp1252"), label) == text
    assert decode(text.encode(), label) == text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("cp-1251", "cp1251"),
        ('"windows-1251"', "cp1251"),
        (" KOI8-U ", "koi8-u"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("utf8", "utf-8"),
        ("UTF-16LE", "utf-16-le"),
    ],
)
def test_labels_are_read_as_people_write_them(label: str, codec: str) -> None:
    assert decode("Замовлення".encode(codec), label) == "Замовлення"


@pytest.mark.parametrize("label", ["gb2312", "ks_c_5601-1987", "shift_jis"])
def test_asian_labels_stand_for_their_larger_alphabets(label: str) -> None:
    wide = {"gb2312": "gb18030", "ks_c_5601-1987": "cp949", "shift_jis": "cp932"}[label]

    assert decode("中文".encode(wide), label) == "中文"


@given(st.binary(max_size=300), st.text(max_size=20) | st.sampled_from(["utf-7", "hz", "punycode"]))
def test_no_bytes_and_no_label_raise(data: bytes, label: str) -> None:
    assert isinstance(decode(data, label), str)
