"""Which paths are the market's."""

import pytest

from hongyan.http.market.surface import refuse_path


@pytest.mark.parametrize(
    "path, message",
    [
        ("/release", b'{"message":"There is no api match uri[/release]"}'),
        ("/release/other/", b'{"message":"There is no api match uri[/release/other/]"}'),
        ("//release/qxt_yzm_sms", b'{"message":"There is no api match uri[//release/qxt_yzm_sms]"}'),
        ("/prepub/anything", b'{"message":"There is no api match env_mapping[prepub]"}'),
        ("/test", b'{"message":"There is no api match env_mapping[test]"}'),
        ("/staging/qxt_yzm_sms/", b'{"message":"There is no api match env_mapping[staging]"}'),
        ("/qxt_yzm_sms", b'{"message":"There is no api match env_mapping[qxt_yzm_sms]"}'),
    ],
)
def test_a_path_of_the_markets_kind_gets_the_gateways_text(path: str, message: bytes) -> None:
    refusal = refuse_path(path)

    assert refusal is not None
    assert (refusal.status, refusal.body) == (404, message)


@pytest.mark.parametrize("path", ["/", "", "/healthz", "/v1/messages", "/a/b/qxt_yzm_sms", "/releases"])
def test_other_paths_are_left_to_others(path: str) -> None:
    assert refuse_path(path) is None
