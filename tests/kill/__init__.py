"""The kill loop: the whole platform under load, parts of it killed at random, three ledgers compared afterwards."""
