"""Named SQL: every statement lives in a `queries.sql` beside the code that runs it.

A file is a run of blocks; each begins with `-- name: some_name` and the comment lines right after
it say what the statement does. Nothing is templated: what stands in the file is what runs.
"""

from importlib import resources

_NAME_MARK = "-- name:"


class Queries:
    """The statements of one `queries.sql`, by name."""

    def __init__(self, statements: dict[str, str]) -> None:
        self._statements = statements

    @classmethod
    def of(cls, package: str, file_name: str = "queries.sql") -> "Queries":
        """Read the statements of a package; ValueError for a nameless or doubled one."""
        return cls(parse_queries(resources.files(package).joinpath(file_name).read_text(encoding="utf-8")))

    def __getitem__(self, name: str) -> str:
        return self._statements[name]

    def names(self) -> list[str]:
        """Return the names in the order of the file."""
        return list(self._statements)


def parse_queries(text: str) -> dict[str, str]:
    """Split a file of named statements; ValueError names the block that is wrong."""
    statements: dict[str, str] = {}
    preamble, *blocks = text.split(_NAME_MARK)
    if any(line and not line.startswith("--") for line in map(str.strip, preamble.splitlines())):
        raise ValueError("SQL before the first name")
    for block in blocks:
        name, _, body = block.partition("\n")
        name = name.strip()
        if not name.isidentifier() or name in statements:
            raise ValueError(f"bad or doubled statement name: {name!r}")
        statement = body.strip().rstrip(";")
        if not statement:
            raise ValueError(f"statement {name} is empty")
        statements[name] = statement
    return statements
