"""Rules of form that no other tool holds: size, banned calls, names, fragments.

Each rule says why. A line that has to break a rule says so with the rule's escape comment.
"""
