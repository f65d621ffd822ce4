"""The metadata of all projection tables of notifications, including the registry's tables."""

from sqlalchemy import MetaData

from chassis.store.database import ROWS
from services.registry.tables import RegistryTables, exemption_table

metadata = MetaData(schema=ROWS, info={"migrations": "services.notifications.migrations"})
registry = RegistryTables(metadata, names=True)
exemptions = exemption_table(metadata)
