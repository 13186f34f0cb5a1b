import io
from pathlib import Path
from typing import Any

import pytest

from corpora.readers import RejectedRow
from service.batch.journal import Journal
from service.batch.outputs import FileOutput, Places, StreamOutput
from service.batch.scoring import Numbered
from service.errors import OutputError, ResumeError
from tests.service.batch.test_journal import labelled

REJECTED = [Numbered(0, 3, [RejectedRow(2, Path("a.csv"), "empty", "")])]
LINE = b'{"source":"a.csv","row":%d,"reason":"empty","raw":""}\n'

RUN: dict[str, Any] = {"input": [], "options": {}, "model": "m-1", "poquan": "0"}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "out.csv", None)


def test_the_output_appears_when_it_is_whole_and_leaves_nothing_beside_it(places: Places) -> None:
    with FileOutput(places, RUN, b"head\n", resume=False) as output:
        output.append(labelled(rows=b"one\n", rejected=[]))
        assert not places.output.exists()
        output.mark_complete()
        output.publish(places.part)
    assert places.output.read_bytes() == b"head\none\n"
    assert [path.name for path in places.output.parent.iterdir()] == ["out.csv"]


def test_rejected_rows_stay_beside_the_output(places: Places) -> None:
    with FileOutput(places, RUN, b"", resume=False) as output:
        output.append(labelled(rejected=REJECTED))
        output.mark_complete()
        output.publish(places.part)
    assert places.rejected.read_bytes() == LINE % 2


def test_what_stands_behind_the_journal_is_cut_off_before_going_on(places: Places) -> None:
    with FileOutput(places, RUN, b"head\n", resume=False) as output:
        output.append(labelled(rows=b"one\n", rejected=REJECTED))
        output.save()
        output.append(labelled(rows=b"lost\n", rejected=REJECTED))
    assert places.part.read_bytes() == b"head\none\nlost\n"
    with FileOutput(places, RUN, b"head\n", resume=True) as output:
        assert output.resumed
        assert output.standing.consumed == 3
        output.append(labelled(rows=b"two\n", rejected=REJECTED))
        output.mark_complete()
        output.publish(places.part)
    assert places.output.read_bytes() == b"head\none\ntwo\n"
    assert places.rejected.read_bytes() == LINE % 2 + LINE % 5


def test_resume_without_a_journal_begins(places: Places) -> None:
    with FileOutput(places, RUN, b"head\n", resume=True) as output:
        assert not output.resumed


def test_a_part_that_was_shortened_is_refused(places: Places) -> None:
    with FileOutput(places, RUN, b"head\n", resume=False) as output:
        output.save()
    places.part.write_bytes(b"he")
    with pytest.raises(ResumeError, match="2 bytes where the journal says 5"):
        FileOutput(places, RUN, b"head\n", resume=True)


def test_two_runs_cannot_write_one_output(places: Places) -> None:
    pytest.importorskip("fcntl")
    with FileOutput(places, RUN, b"head\n", resume=False), pytest.raises(OutputError, match="Another run"):
        FileOutput(places, RUN, b"head\n", resume=True)


def test_a_run_stopped_after_the_output_got_its_name_is_known_as_done(places: Places) -> None:
    with FileOutput(places, RUN, b"head\n", resume=False) as output:
        output.append(labelled())
        output.mark_complete()
    places.part.replace(places.output)
    assert places.published(resume=False) is None
    journal = places.published(resume=True)
    assert isinstance(journal, Journal)
    assert journal.standing.comments == 2


def test_an_existing_output_is_not_replaced_unless_asked(places: Places, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.touch()
    places.output.write_text("precious")
    with pytest.raises(OutputError, match=r"already there.*--overwrite"):
        places.check(source, resume=False, overwrite=False)
    with pytest.raises(OutputError, match="no unfinished run"):
        places.check(source, resume=True, overwrite=False)
    places.check(source, resume=False, overwrite=True)


def test_an_unfinished_run_is_gone_on_with_or_given_up_but_not_forgotten(places: Places, tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.touch()
    places.journal.write_text("{}")
    with pytest.raises(OutputError, match=r"--resume.*--overwrite"):
        places.check(source, resume=False, overwrite=False)
    places.check(source, resume=True, overwrite=False)


def test_the_input_is_never_written_over(places: Places) -> None:
    places.output.touch()
    with pytest.raises(OutputError, match="overwrite the input"):
        places.check(places.output, resume=False, overwrite=True)


def test_an_output_inside_the_input_folder_is_refused(places: Places, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="inside the input folder"):
        places.check(tmp_path, resume=False, overwrite=False)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="nowhere"):
        Places(tmp_path / "nowhere" / "out.csv", None).check(tmp_path / "in.csv", resume=False, overwrite=False)


def test_a_stream_is_written_as_it_goes() -> None:
    stream, rejected = io.BytesIO(), io.BytesIO()
    output = StreamOutput(stream, rejected, b"head\n")
    output.append(labelled(rows=b"one\n", rejected=REJECTED))
    assert (stream.getvalue(), rejected.getvalue()) == (b"head\none\n", LINE % 2)
    assert output.standing.comments == 2
