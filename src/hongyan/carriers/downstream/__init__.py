"""One file a protocol, from the carrier's side: what a customer's PDU says, and what it is answered."""
