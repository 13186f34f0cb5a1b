"""An old dump through the live monitor at full speed, and the report of what it would have told."""
