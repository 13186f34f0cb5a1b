"""Everything the service raises on purpose; each message is a full sentence that can be shown to a user.

ServiceError
├── SettingsError      a setting or option that cannot be used
├── OutputError        an output that cannot be written, or must not be
└── ResumeError        an interrupted labelling that cannot be continued
"""


class ServiceError(Exception):
    """Base of the service's errors."""


class SettingsError(ServiceError):
    """A setting or option cannot be used."""


class OutputError(ServiceError):
    """An output cannot be written, or must not be written over."""


class ResumeError(ServiceError):
    """An interrupted labelling cannot be continued from where it stopped."""
