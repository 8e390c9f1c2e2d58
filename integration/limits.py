"""How much one call of the API may hold; what the API refuses and the portal says."""

PAGE_ITEMS = 200
BODY_BYTES = 1024 * 1024
BATCH_BODY_BYTES = 5 * 1024 * 1024
LOOKUP_PRODUCTS = 200
LOOKUP_SKUS = 500
