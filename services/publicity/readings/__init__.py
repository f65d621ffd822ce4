"""The three readings (三审三校) that an article or anthology passes before it is shown."""
