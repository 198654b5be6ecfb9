"""Print the pages that are made from the program into docs/."""

import sys

from .markdown import ROOT
from .printed import PAGES

for page, text_of in PAGES.items():
    (ROOT / page).write_text(text_of(), encoding="utf-8")
    sys.stdout.write(f"{page}\n")
