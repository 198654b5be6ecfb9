"""Every protocol that is fuzzed; one that is added here is in `make fuzz`, `make nightly` and the short replay."""

from collections.abc import Mapping

from . import cmpp, sgip, smgp, smpp
from .subject import Subject

SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject for subject in (cmpp.SUBJECT, sgip.SUBJECT, smgp.SUBJECT, smpp.SUBJECT)
}
