"""Delivery routes that meet time targets: a library that knows nothing of the business."""
