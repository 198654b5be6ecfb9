"""Phone numbers: parsing, and the carrier (运营商) that issued each."""
