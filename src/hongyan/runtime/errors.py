"""What can be wrong with how Hongyan is set up or started.

Error
├── ConfigurationInvalid    a setting is unknown, of the wrong type, or cannot be met
└── PlatformNotRunning      a command needs the platform, and it does not run
"""

from hongyan.kit.errors import Error, ErrorKind


class ConfigurationInvalid(Error):
    """A setting is wrong."""

    code = "config.invalid"
    kind = ErrorKind.INVALID


class PlatformNotRunning(Error):
    """Hongyan does not run on this data directory."""

    code = "platform.not_running"
    kind = ErrorKind.UNAVAILABLE
