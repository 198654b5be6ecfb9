"""What is written about Hongyan, held to what Hongyan does.

`python -m tests.docs` prints the pages that are made from the program; `python -m tests.docs.screenshot` makes the picture.
"""
