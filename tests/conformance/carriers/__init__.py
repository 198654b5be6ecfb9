"""One suite of behaviours over every carrier protocol and both roles.

`behaviours` is the table as data: what is asked of every protocol, in which role, and what a protocol cannot do. Each test
says by `proves` which cells of it it proves; a cell that nothing proves and nobody has declared fails the suite.

    role        who is tried                                against whom
    client      our side as SP: `link`, `carriers`          a carrier written here by hand
    server      our side as carrier: `downstream`           a customer written here by hand
    simulator   the simulated carrier's face                the same customer

What the hand-made ones say stands in `speech`, one file a protocol: it knows the PDUs of `wire` and nothing of
`carriers`, so that it cannot share its misreadings. `python -m tests.conformance.carriers` runs the suite and prints the table.
"""
