"""Forecasts of demand for products that are going viral: a library that knows nothing of the business."""
