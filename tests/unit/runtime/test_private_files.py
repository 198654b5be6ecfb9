"""Files that only their owner may read."""

import stat
from pathlib import Path

import pytest

from hongyan.runtime.errors import ConfigurationInvalid
from hongyan.runtime.private_files import make_data_dir, open_log, write_private


def test_a_private_file_is_private_from_the_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    write_private(path, "one")
    write_private(path, "two")
    assert path.read_text() == "two"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_data_directory_is_made_with_its_parents_and_nobody_can_list_it(tmp_path: Path) -> None:
    directory = tmp_path / "some" / "where"
    make_data_dir(directory)
    make_data_dir(directory)
    assert stat.S_IMODE(directory.stat().st_mode) in {0o700, 0o711}


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigurationInvalid, match="data_dir: cannot use"):
            make_data_dir(path)


def test_a_large_log_makes_room(tmp_path: Path) -> None:
    path = tmp_path / "hongyan.log"
    path.write_text("old\n" * 3_000_000)
    with open_log(path) as log:
        log.write("new\n")
    assert path.read_text() == "new\n"
    assert (tmp_path / "hongyan.log.1").stat().st_size == 12_000_000
