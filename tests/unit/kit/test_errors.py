"""Errors: a code, a kind, a sentence, details."""

from hongyan.kit.errors import Error, ErrorKind


class GooseLost(Error):
    """The goose did not arrive.

    What a goose is stands elsewhere.
    """

    code = "goose.lost"
    kind = ErrorKind.MISSING


def test_the_first_line_of_the_docstring_is_the_default_text() -> None:
    assert str(GooseLost()) == GooseLost().message == "The goose did not arrive."


def test_a_text_of_its_own_goes_before_the_docstring() -> None:
    assert str(GooseLost("No goose came to Beihai.")) == "No goose came to Beihai."


def test_keywords_become_details() -> None:
    error = GooseLost(goose="Su Wu's", days=19, flock=None)

    assert error.details == {"goose": "Su Wu's", "days": 19, "flock": None}
    assert (error.code, error.kind) == ("goose.lost", ErrorKind.MISSING)
