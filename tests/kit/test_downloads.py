import pytest
from django.http import HttpResponse, StreamingHttpResponse

from kit import downloads


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("bill-1.xlsx", 'attachment; filename="bill-1.xlsx"'),
        ('a"b\\c.csv', r'attachment; filename="a\"b\\c.csv"'),
        ("商品 1.csv", "attachment; filename*=utf-8''%E5%95%86%E5%93%81%201.csv"),
        ("a\r\nSet-Cookie: b.csv", "attachment; filename*=utf-8''a%0D%0ASet-Cookie%3A%20b.csv"),
    ],
)
def test_a_file_is_saved_under_its_name_in_whatever_letters(name: str, sent: str) -> None:
    whole = downloads.attachment(b"1", downloads.PDF, name)
    streamed = downloads.saved_as(StreamingHttpResponse([b"1"]), name)

    for answer in (whole, streamed):
        assert answer["Content-Disposition"] == sent
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert whole["Content-Type"] == "application/pdf"


def test_a_csv_begins_with_the_mark_by_which_spreadsheets_know_its_letters() -> None:
    answer: HttpResponse = downloads.begun_csv("rows.csv")
    answer.write("茶\n")

    assert answer.content.decode() == "\ufeff茶\n"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
