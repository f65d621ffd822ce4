"""Articles (推文) for official accounts: drafted, passed by three readings, published by hand or through the API, taken
down."""
