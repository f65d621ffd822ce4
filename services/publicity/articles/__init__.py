"""Articles (推文) for official accounts: drafted, cleared by three readings, published by hand or API, taken down."""
