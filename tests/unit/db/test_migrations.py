"""The files of migrations/."""

from hongyan.db.migrate import Migration, load_migrations


def test_the_files_run_from_one_without_a_gap() -> None:
    migrations = load_migrations()
    assert [migration.number for migration in migrations] == list(range(1, len(migrations) + 1))
    assert migrations[0].name == "initial"


def test_a_change_of_one_letter_changes_the_checksum() -> None:
    assert Migration(1, "one", "SELECT 1").checksum != Migration(1, "one", "SELECT 2").checksum
