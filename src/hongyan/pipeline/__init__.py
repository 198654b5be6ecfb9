"""The life of a message: intake, group commit, dispatch, settlement, timers."""
