"""Evidence: encoded anew, kept apart, used once, and forgotten where nothing uses it."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import transaction
from PIL import Image

from aftersales import evidence
from aftersales.models import Evidence
from supplychain import pictures
from tests.factories import (
    NOON,
    make_claim,
    make_distributor,
    make_evidence,
    make_photo,
    make_received_order,
    make_sku,
)

pytestmark = pytest.mark.django_db
MUCH_LATER = NOON + timedelta(days=evidence.UNUSED_DAYS, seconds=1)


def files() -> set[str]:
    root = Path(storages["private"].path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*.jpg")}


def with_gps() -> bytes:
    """A JPEG that tells where it was taken."""
    image = Image.new("RGB", (40, 30), "blue")
    exif = Image.Exif()
    exif[0x010E] = "海德三道199号"
    written = io.BytesIO()
    image.save(written, "JPEG", exif=exif)
    return written.getvalue()


def test_a_picture_is_encoded_anew_without_anything_but_the_image() -> None:
    kept = evidence.upload(distributor=make_distributor(), content=with_gps(), at=NOON)

    with evidence.read(kept) as file, Image.open(file) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
    with evidence.read(kept, small=True) as file, Image.open(file) as image:
        assert max(image.size) <= pictures.THUMBNAIL_SIDE


def test_evidence_lies_where_nothing_is_served_and_under_names_nobody_guesses() -> None:
    kept = make_evidence(make_distributor())

    media = Path(settings.MEDIA_ROOT).resolve()
    stored = Path(storages["private"].path(kept.file)).resolve()
    assert media not in stored.parents
    assert stored.exists()
    assert len(Path(kept.file).stem) == 32
    assert kept.upload_id not in kept.file


@pytest.mark.parametrize(
    ("_case", "content", "refusal"),
    [
        ("a page that calls itself a picture", b"\xff\xd8\xff<script>x</script>", "format"),
        ("no picture at all", b"%PDF-1.7", "format"),
        ("half a picture", make_photo(size=(400, 300))[:80], "unreadable"),
        ("nothing", b"", "format"),
    ],
)
def test_what_is_no_whole_picture_is_refused_and_nothing_is_kept(
    _case: str, content: bytes, refusal: str
) -> None:
    before = files()
    kinds = {
        "format": pictures.PictureFormatNotAllowed,
        "unreadable": pictures.PictureUnreadable,
    }

    with pytest.raises(kinds[refusal]):
        evidence.upload(distributor=make_distributor(), content=content, at=NOON)

    assert not Evidence.objects.exists()
    assert files() == before


def test_the_same_content_again_is_the_same_evidence_until_it_is_used() -> None:
    shop = make_distributor()
    claim = make_claim(make_received_order(shop, {make_sku(): 1}))

    first, again = make_evidence(shop), make_evidence(shop)
    with transaction.atomic():
        evidence.attach_to_claim(claim=claim, upload_ids=[first.upload_id], distributor=shop)
    used = make_evidence(shop)
    others = make_evidence(make_distributor())

    assert first == again
    assert len({first.pk, used.pk, others.pk}) == 3


def test_a_picture_belongs_to_one_claim_only() -> None:
    shop = make_distributor()
    order = make_received_order(shop, {make_sku(): 2})
    kept = make_evidence(shop)
    claim = make_claim(order, evidence=[kept.upload_id])

    with pytest.raises(evidence.EvidenceUnknown):
        make_claim(order, evidence=[kept.upload_id])

    kept.refresh_from_db()
    assert kept.claim == claim
    assert order.claims.count() == 1


def test_anothers_picture_cannot_be_named() -> None:
    shop = make_distributor()
    order = make_received_order(shop, {make_sku(): 1})
    theirs = make_evidence(make_distributor())

    with pytest.raises(evidence.EvidenceUnknown):
        make_claim(order, evidence=[theirs.upload_id])

    theirs.refresh_from_db()
    assert theirs.claim is None
    assert not order.claims.exists()


def test_more_pictures_than_an_act_may_name_are_refused() -> None:
    order = make_received_order(make_distributor(), {make_sku(): 1})

    with pytest.raises(evidence.TooManyPictures):
        make_claim(order, evidence=["x"] * (evidence.MAX_PICTURES + 1))

    assert not order.claims.exists()


def test_a_distributor_keeps_only_so_many_unused_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_UNUSED", 1)
    shop = make_distributor()
    make_evidence(shop)
    before = files()

    with pytest.raises(evidence.EvidenceQuotaExceeded):
        make_evidence(shop, colour="blue")

    assert files() == before
    assert make_evidence(shop)
    assert make_evidence(make_distributor(), colour="blue")


def test_unused_pictures_are_forgotten_and_used_ones_stay(
    django_capture_on_commit_callbacks: object,
) -> None:
    shop = make_distributor()
    order = make_received_order(shop, {make_sku(): 1})
    used, unused = make_evidence(shop), make_evidence(shop, colour="blue")
    make_claim(order, evidence=[used.upload_id])

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        early = evidence.forget_unused(at=NOON)
        late = evidence.forget_unused(at=MUCH_LATER)

    assert (early, late) == (0, 1)
    assert list(Evidence.objects.all()) == [used]
    assert used.file in files()
    assert not {unused.file, unused.thumbnail} & files()


def test_evidence_is_seen_by_its_owner_only() -> None:
    shop, other = make_distributor(), make_distributor()
    kept = make_evidence(shop)

    assert list(Evidence.objects.of(shop)) == [kept]
    assert not Evidence.objects.of(other).exists()
