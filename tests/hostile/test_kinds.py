"""Files that people really have: each is read as meant, or refused with what to do; the logs say which."""

import pytest

from core.data.picture_sets import read_picture_set
from core.data.tables import read_table
from core.errors import InputError
from tests.hostile import kinds_of_sets, kinds_of_tables
from tests.hostile.kinds_of_sets import SetKind
from tests.hostile.kinds_of_tables import Kind


@pytest.mark.parametrize("kind", kinds_of_tables.KINDS, ids=lambda kind: kind.name)
def test_table_is_read_as_meant_or_refused_with_what_to_do(kind: Kind) -> None:
    if not kind.columns:
        with pytest.raises(InputError) as caught:
            read_table(kind.data)
        assert kind.said in str(caught.value)
        assert caught.value.hint.endswith(".")
        return
    table = read_table(kind.data)
    assert {name: table.frame[name].tolist() for name in kind.columns if name in table.frame} == kind.columns
    assert kind.said in "\n".join(table.notes)
    assert kind.unsaid == (not table.notes)


@pytest.mark.parametrize("kind", kinds_of_sets.KINDS, ids=lambda kind: kind.name)
def test_set_is_read_as_meant_or_refused_with_what_to_do(kind: SetKind) -> None:
    if not kind.counts:
        with pytest.raises(InputError) as caught:
            read_picture_set(kind.data)
        assert kind.said in str(caught.value)
        assert caught.value.hint.endswith(".")
        return
    found = read_picture_set(kind.data)
    assert dict(zip(found.classes, found.counts, strict=True)) == kind.counts
    assert found.pixels.shape[1:] == (1, 4, 4)
    assert kind.said in "\n".join(found.notes)
    assert (None if found.test is None else found.test.sum()) == kind.tested


def test_csv_of_every_kind_has_the_pixels_that_were_written() -> None:
    for kind in kinds_of_sets.ROWS:
        if kind.counts:
            pixels = read_picture_set(kind.data).pixels[:, 0]
            assert (pixels * 255).round().tolist() == kinds_of_sets.PIXELS[:20].tolist()


def test_sixty_kinds_of_tables_and_forty_of_sets_were_tried() -> None:
    assert len({kind.name for kind in kinds_of_tables.KINDS}) == len(kinds_of_tables.KINDS) >= 60
    assert len({kind.name for kind in kinds_of_sets.KINDS}) == len(kinds_of_sets.KINDS) >= 40
