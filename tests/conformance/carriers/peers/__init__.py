"""Who takes part: our side as SP, a carrier and a customer written by hand, and a wire that can be cut."""
