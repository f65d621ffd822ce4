"""The metadata of publicity's projection tables; each feature declares its tables beside its projections."""

from sqlalchemy import MetaData

from chassis.store.database import ROWS

metadata = MetaData(schema=ROWS)
