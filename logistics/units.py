"""The whole units that the business counts in.

Money is cents of the market's currency, goods are parcels or units, time is seconds: always whole
numbers, so that a sum is exact and a plan can be checked to the cent.
"""

from typing import TypeAlias

Cents: TypeAlias = int
"""A hundredth of the market's currency."""
Parcels: TypeAlias = int
"""Orders as they travel: one parcel is one order of one product."""
Units: TypeAlias = int
"""Pieces of a product in stock."""
Seconds: TypeAlias = int
"""Elapsed seconds, never a time of day."""
Grams: TypeAlias = int
"""Weight."""
Millilitres: TypeAlias = int
"""Volume."""
