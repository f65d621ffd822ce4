"""The metadata of assessment's read models, including the registry's tables; each feature declares its tables in its
projections.

A day is a proleptic ordinal, an instant microseconds since 1970 UTC; 0 means "not given"."""

from sqlalchemy import MetaData

from chassis.store.database import ROWS
from services.registry.tables import RegistryTables, exemption_table

metadata = MetaData(schema=ROWS, info={"migrations": "services.assessment.migrations"})
registry = RegistryTables(metadata, zones=True)
exemptions = exemption_table(metadata)
