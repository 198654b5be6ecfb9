#!/usr/bin/env bash
# Send a text with two keys, with curl and openssl:
#
#   HONGYAN_URL=http://127.0.0.1:8000/release/qxt_yzm_sms/ HONGYAN_SECRET_ID=… HONGYAN_SECRET_KEY=… \
#       examples/seed/send.sh 13800138000 '【企讯通】腾讯接口调试测试,此短信为调试类测试短信,请注意查收。'
set -euo pipefail

if [ $# -ne 2 ]; then
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi

date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT')
signature=$(printf 'x-date: %s\nx-source: market' "$date" \
    | openssl dgst -sha1 -hmac "$HONGYAN_SECRET_KEY" -binary | openssl base64 -A)

curl --silent --show-error --fail-with-body --max-time 5 \
    --header "X-Date: $date" \
    --header 'X-Source: market' \
    --header "Authorization: hmac id=\"$HONGYAN_SECRET_ID\", algorithm=\"hmac-sha1\", headers=\"x-date x-source\", signature=\"$signature\"" \
    --data-urlencode "mobile=$1" \
    --data-urlencode "content=$2" \
    "$HONGYAN_URL"
echo
