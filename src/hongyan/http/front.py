"""What a browser sees at `/`: the product's name and where to go."""

from typing import Final

PAGE: Final = """<!doctype html>
<html lang="zh">
<meta charset="utf-8">
<title>Hongyan 鸿雁</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>Hongyan 鸿雁</h1>
<p>自建的 106 短信平台 · a self-hosted SMS platform</p>
<ul>
<li><code>POST /release/qxt_yzm_sms/</code> 发送短信 · send a text</li>
<li><a href="/healthz"><code>GET /healthz</code></a> 进程存活 · is it alive</li>
<li><a href="/readyz"><code>GET /readyz</code></a> 平台就绪 · is it ready</li>
<li><a href="/metrics"><code>GET /metrics</code></a> 监控指标 · metrics</li>
</ul>
</html>
""".encode()
HEADERS: Final = [
    (b"Content-Type", b"text/html; charset=utf-8"),
    (b"Content-Security-Policy", b"default-src 'none'; style-src 'unsafe-inline'"),
]


def is_wanted(method: str, accept: bytes) -> bool:
    """Tell whether a person with a browser asks; programs get JSON at `/`."""
    return method in {"GET", "HEAD"} and b"text/html" in accept
