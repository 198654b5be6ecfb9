"""What a request to the market API costs without intake."""  # noqa: A005 - nobody imports `http` from here
