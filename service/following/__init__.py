"""Follow a crawl: what a crawler appends to its dump is read on and sent to the running service."""
