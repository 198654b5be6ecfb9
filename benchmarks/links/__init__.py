"""How fast links to a carrier are: one at full speed, and a hundred at a steady pace."""
