"""Telling others of alerts: webhooks with retries and dead letters."""

from service.notify.addresses import webhook_addresses
from service.notify.messages import alert_message
from service.notify.notifier import Notifier
from service.notify.outbox import Delivery, Outbox

__all__ = ["Delivery", "Notifier", "Outbox", "alert_message", "webhook_addresses"]
