"""Files are whole under their final names, whatever the system or a signal does meanwhile."""

import os
import resource
import threading
from pathlib import Path

import pytest

from nnit.errors import UserError
from nnit.writing import whole_file, write_whole


def everything(folder: Path) -> dict[str, bytes | None]:
    """All files below a folder with what they hold, and all folders."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("name", ["there.txt", "new/folder/file.txt"])
def test_what_fails_half_way_leaves_everything_as_it_was(
    tmp_path: Path, failure: BaseException, name: str
):
    (tmp_path / "there.txt").write_text("old")
    before = everything(tmp_path)
    expected = UserError if isinstance(failure, OSError) else KeyboardInterrupt

    def write_half() -> None:
        with whole_file(tmp_path / name) as file:
            file.write_text("half")
            raise failure

    with pytest.raises(expected) as caught:
        write_half()
    assert everything(tmp_path) == before
    if expected is UserError:
        assert str(caught.value) == f"cannot write {tmp_path / name} (No space left on device)"


def test_what_succeeds_is_there_with_the_folders_it_needs(tmp_path: Path):
    write_whole(tmp_path / "a" / "b" / "file.txt", "text\n")
    write_whole(tmp_path / "a" / "b" / "file.txt", b"other\n")
    assert everything(tmp_path) == {"a": None, "a/b": None, "a/b/file.txt": b"other\n"}


def test_a_link_stays_a_link(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_whole(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "text"


def test_what_is_no_regular_file_is_written_to_and_stays_what_it_is(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write_whole(tmp_path / "pipe", "text")
    reader.join()
    assert read == [b"text"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_file_that_outgrows_its_limit_is_refused_in_one_sentence(tmp_path: Path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(UserError, match=r"cannot write .*large \(File too large\)"):
            write_whole(tmp_path / "large", b"0" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(tmp_path) == {}
