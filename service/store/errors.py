"""What the store raises on purpose; each message is a full sentence that can be shown to a user.

StoreError           a database that cannot be opened, owned, read or written (a ServiceError)
"""

from service.errors import ServiceError


class StoreError(ServiceError):
    """A database cannot be opened, owned, read or written."""
